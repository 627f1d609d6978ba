import type { SkipReason } from '../plan.ts';
import type { ExplainedNode } from './explained.ts';

/** The answer about one node in a sentence, without a full stop. */
export function verdictOnNode(
  { eligible, mayKeep, pods }: Pick<ExplainedNode, 'eligible' | 'mayKeep' | 'pods'>,
  daemonSet: string,
): string {
  const pod = `pod of DaemonSet ${daemonSet}`;
  if (eligible) return `a ${pod} belongs there`;
  if (pods.length === 0) return `no ${pod} belongs there`;
  return `no ${pod} is made there, and the one that is there ${mayKeep ? 'stays' : 'is to go'}`;
}

/** What becomes of a DaemonSet of which nothing is decided. */
export const SKIPPED: Readonly<Record<SkipReason, string>> = {
  Deleting: 'it is being deleted, and no pod of it is made',
  SelectsNothing: 'its selector is empty, and no pod of it is made',
};
