import { X509Certificate } from 'node:crypto';
import { issueCa, issueServingCertificate, LEAF_LIFETIME_MS } from './issue.ts';
import type { Certificates, Names } from './verify.ts';

/** By this the certificates that we made are told from those of others. */
const AUTHORITY_NAME = 'everynode webhook CA';

export type PairOptions = {
  readonly names: Names;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lifetimeMs?: number;
};

/**
 * Makes a serving certificate and an authority that signs it and nothing else: the authority's key is forgotten at
 * once, so there is none to be stolen. Both end at the same time.
 */
export async function issuePair({
  names,
  now,
  lifetimeMs = LEAF_LIFETIME_MS,
}: PairOptions): Promise<Certificates> {
  // Named differently each time: clients that trust two authorities find the right one by name.
  const ca = await issueCa(`${AUTHORITY_NAME} ${crypto.randomUUID()}`, now, lifetimeMs);
  const leaf = await issueServingCertificate({
    ...names,
    commonName: 'everynode-webhook',
    ca,
    now,
    lifetimeMs,
  });
  return { ...leaf, ca: ca.cert };
}

/** Whether `issuePair` made this certificate; undefined when it cannot be read. */
export function isOurs(cert: string): boolean | undefined {
  try {
    return new X509Certificate(cert).issuer.includes(`CN=${AUTHORITY_NAME} `);
  } catch {
    return undefined;
  }
}
