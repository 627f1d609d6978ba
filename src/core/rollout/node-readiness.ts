import type { NodeRecord } from '../../api/node.ts';

/**
 * Whether the node was down already when the rollout began: then it says nothing about the new revision, and is
 * neither waited for nor counted. One that goes down later counts, and stops the rollout.
 *
 * @param since when the revision became the current one, milliseconds since the epoch; undefined where no node
 *   is to be passed over, as upstream does it.
 */
export function wasDownBefore({ notReadySince }: NodeRecord, since: number | undefined): boolean {
  return since !== undefined && notReadySince !== undefined && notReadySince <= since;
}
