import { SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from '../api/kinds.ts';
import type { Client } from './client.ts';

/** Somebody whom the API server knows, as it tells of them. */
export type Subject = {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
};

/** What is asked for; all namespaces unless one is named. */
export type ResourceAccess = {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
};

type TokenReview = {
  readonly status?: { readonly authenticated?: boolean; readonly user?: Subject; readonly error?: string };
};
type SubjectAccessReview = { readonly status?: { readonly allowed?: boolean } };

const TIMEOUT_MS = 10_000;

/**
 * Whose token it is, asked of the API server (TokenReview); undefined when it is nobody's, has ended, or is meant
 * for others. Throws as `Transport.request` does.
 */
export async function ownerOfToken(
  client: Pick<Client, 'create'>,
  token: string,
): Promise<Subject | undefined> {
  const { apiVersion, kind } = TOKEN_REVIEWS;
  const body = { apiVersion, kind, spec: { token } };
  const { status } = await client.create<TokenReview>(TOKEN_REVIEWS, '', body, { timeoutMs: TIMEOUT_MS });
  return status?.authenticated === true ? status.user : undefined;
}

/** Whether they may do that in every namespace (SubjectAccessReview). Throws as `Transport.request` does. */
export async function mayAccess(
  client: Pick<Client, 'create'>,
  { username, uid, groups, extra }: Subject,
  resourceAttributes: ResourceAccess,
): Promise<boolean> {
  const { apiVersion, kind } = SUBJECT_ACCESS_REVIEWS;
  const spec = { user: username, uid, groups, extra, resourceAttributes };
  const body = { apiVersion, kind, spec };
  const { status } = await client.create<SubjectAccessReview>(SUBJECT_ACCESS_REVIEWS, '', body, {
    timeoutMs: TIMEOUT_MS,
  });
  return status?.allowed === true;
}
