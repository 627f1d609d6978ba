import { MUTATING_WEBHOOK_CONFIGURATIONS, VALIDATING_WEBHOOK_CONFIGURATIONS } from '../api/kinds.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';

/**
 * Takes both configurations away; it is fine if they are gone.
 *
 * @throws what the first deletion that failed threw, once both were tried.
 */
export async function unregisterWebhooks(client: Pick<Client, 'delete'>, name: string): Promise<void> {
  const kinds = [MUTATING_WEBHOOK_CONFIGURATIONS, VALIDATING_WEBHOOK_CONFIGURATIONS];
  const results = await Promise.allSettled(kinds.map((kind) => client.delete(kind, { name })));
  const failed = results.find((result) => result.status === 'rejected' && !isNotFound(result.reason));
  if (failed?.status === 'rejected') throw failed.reason as Error;
}
