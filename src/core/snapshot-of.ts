import type { DaemonSet } from '../api/daemonset.ts';
import type { NodeRecord } from '../api/node.ts';
import type { ClusterView } from './admission/cluster-view.ts';
import type { Snapshot } from './plan.ts';

/**
 * What a sync of the DaemonSet would look at, for those who only watch: nothing is known of earlier syncs.
 *
 * @param nodes all of them, sorted by name.
 */
export function snapshotOf(
  daemonSet: DaemonSet,
  cluster: Pick<ClusterView, 'podsOf' | 'barePods' | 'revisionsOf' | 'orphanedRevisions'>,
  nodes: readonly NodeRecord[],
): Snapshot {
  const { namespace, uid } = daemonSet.metadata;
  return snapshotFrom(daemonSet, nodes, {
    pods: [...cluster.podsOf(namespace, uid), ...cluster.barePods(namespace)],
    revisions: [...cluster.revisionsOf(namespace, uid), ...cluster.orphanedRevisions(namespace)],
  });
}

/**
 * The same of objects that were read for it.
 *
 * @param read of its namespace; those that are not its own, and cannot be, may be among them.
 */
export function snapshotFrom(
  daemonSet: DaemonSet,
  nodes: readonly NodeRecord[],
  read: Pick<Snapshot, 'pods' | 'revisions'>,
): Snapshot {
  return { daemonSet, nodes, ...read, expectationsSatisfied: true, backoff: new Map() };
}
