import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import type { PodRecord } from '../../api/pod.ts';
import type { RevisionRecord } from '../../api/revision.ts';
import type { WorkloadRecord } from '../../api/workload.ts';

/**
 * What rules may know of the cluster beside the object at hand: the caches of the webhook, or objects that were
 * read once. It may lag behind the API server, so a rule never takes for certain that something is absent.
 */
export type ClusterView = {
  /** Those of one namespace, or all. */
  readonly daemonSets: (namespace?: string) => readonly DaemonSet[];
  readonly nodes: () => readonly NodeRecord[];
  /** The pods that the object with this uid controls. */
  readonly podsOf: (namespace: string, uid: string) => readonly PodRecord[];
  /** Pods that nothing controls. */
  readonly barePods: (namespace: string) => readonly PodRecord[];
  readonly revisionsOf: (namespace: string, uid: string) => readonly RevisionRecord[];
  /** ControllerRevisions that nothing controls. */
  readonly orphanedRevisions: (namespace: string) => readonly RevisionRecord[];
  /** Objects of other kinds that select pods, without those that another of them made. */
  readonly workloads: (namespace: string) => readonly WorkloadRecord[];
};
