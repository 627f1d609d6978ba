import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import type { PodRecord } from '../../api/pod.ts';
import type { RevisionRecord } from '../../api/revision.ts';
import type { WorkloadRecord } from '../../api/workload.ts';
import type { ClusterView } from './cluster-view.ts';

/** Objects that were read once, from a cluster or from files. */
export type ListedObjects = {
  readonly daemonSets?: readonly DaemonSet[];
  readonly nodes?: readonly NodeRecord[];
  readonly pods?: readonly PodRecord[];
  readonly revisions?: readonly RevisionRecord[];
  readonly workloads?: readonly WorkloadRecord[];
};

type Owned = { readonly namespace: string; readonly controller?: { readonly uid: string } };

/** A view of a cluster that holds these objects and no others. */
export function listedCluster(objects: ListedObjects): ClusterView {
  const { daemonSets = [], nodes = [], pods = [], revisions = [], workloads = [] } = objects;
  const setsIn = Map.groupBy(daemonSets, ({ metadata }) => metadata.namespace);
  const podsBy = Map.groupBy(pods, ownerKey);
  const revisionsBy = Map.groupBy(revisions, ownerKey);
  const workloadsIn = Map.groupBy(workloads, ({ namespace }) => namespace);
  return {
    daemonSets: (namespace) => (namespace === undefined ? daemonSets : (setsIn.get(namespace) ?? [])),
    nodes: () => nodes,
    podsOf: (namespace, uid) => podsBy.get(`${namespace}/${uid}`) ?? [],
    barePods: (namespace) => podsBy.get(`${namespace}/`) ?? [],
    revisionsOf: (namespace, uid) => revisionsBy.get(`${namespace}/${uid}`) ?? [],
    orphanedRevisions: (namespace) => revisionsBy.get(`${namespace}/`) ?? [],
    workloads: (namespace) => workloadsIn.get(namespace) ?? [],
  };
}

function ownerKey({ namespace, controller }: Owned): string {
  return `${namespace}/${controller?.uid ?? ''}`;
}
