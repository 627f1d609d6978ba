import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import type { PodRecord } from '../../api/pod.ts';
import type { RevisionRecord } from '../../api/revision.ts';
import { hashOf } from './construct-history.ts';

/** What the API server sets where a manifest says nothing. */
export const DEFAULT_REVISION_HISTORY_LIMIT = 10;

/**
 * The revisions to delete so that at most `limit` old ones are left, lowest number first. One whose hash is on
 * any claimed pod stays, and does not save a newer one from deletion.
 *
 * Source: upstream `cleanupHistory`.
 */
export function revisionsToDelete(
  old: readonly RevisionRecord[],
  pods: readonly PodRecord[],
  limit: number,
): readonly RevisionRecord[] {
  const excess = old.length - limit;
  if (excess <= 0) return [];
  const live = new Set(pods.map((pod) => pod.labels[CONTROLLER_REVISION_HASH_LABEL]));
  return old
    .filter((revision) => !live.has(hashOf(revision)))
    .toSorted((a, b) => a.revision - b.revision)
    .slice(0, excess);
}
