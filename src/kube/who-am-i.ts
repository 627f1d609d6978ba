import { SELF_SUBJECT_REVIEWS } from '../api/kinds.ts';
import type { Client } from './client.ts';

type Review = { readonly status?: { readonly userInfo?: { readonly username?: string } } };

/**
 * The name by which the API server knows us, such as `system:serviceaccount:everynode-system:everynode-sync`.
 * Undefined when it does not say. Throws as `Transport.request` does.
 */
export async function whoAmI(client: Pick<Client, 'create'>): Promise<string | undefined> {
  const { apiVersion, kind } = SELF_SUBJECT_REVIEWS;
  const review = await client.create<Review>(SELF_SUBJECT_REVIEWS, '', { apiVersion, kind });
  return review.status?.userInfo?.username;
}
