import {
  DEPLOYMENTS,
  JOBS,
  REPLICASETS,
  REPLICATION_CONTROLLERS,
  type ResourceKind,
  STATEFULSETS,
} from '../api/kinds.ts';
import type { WorkloadRecord } from '../api/workload.ts';
import type { ClusterView } from '../core/admission/cluster-view.ts';
import { workloadRecord } from '../core/records/workload-record.ts';
import type { Client } from '../kube/client.ts';
import { createInformer, type Informer } from '../kube/informer.ts';
import type { Logger } from '../telemetry/log.ts';
import {
  BY_NAMESPACE,
  BY_OWNER,
  type Caches,
  createCaches,
  ownerIndexValue,
  type WatchObserver,
} from './caches.ts';

/** Kinds beside DaemonSets that select pods. */
export const WORKLOAD_KINDS: readonly ResourceKind[] = [
  DEPLOYMENTS,
  REPLICASETS,
  STATEFULSETS,
  REPLICATION_CONTROLLERS,
  JOBS,
];

/** All that rules may know of the cluster, followed. */
export type ClusterCaches = {
  readonly view: ClusterView;
  /** What DaemonSets come to, which is what most want to be told of. */
  readonly caches: Caches;
  /** Follows until the signal is aborted. Rejects never. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Resolves when every first list has arrived. */
  readonly synced: Promise<void>;
  /** Resolves when those of `caches` have. */
  readonly daemonSetsSynced: Promise<void>;
};

/** Makes the informers; they begin when they are run. */
export function createClusterCaches(client: Client, logger: Logger, observer?: WatchObserver): ClusterCaches {
  const caches = createCaches(client, logger, observer);
  const workloads = WORKLOAD_KINDS.map((kind) =>
    createInformer<WorkloadRecord>({
      client,
      logger,
      kind,
      project: (raw) => workloadRecord(kind.kind, raw),
      indexes: { [BY_NAMESPACE]: ({ namespace }) => [namespace] },
    }),
  );
  const own: readonly Pick<Informer<unknown>, 'run' | 'synced'>[] = Object.values(caches);
  const all = [...own, ...workloads];
  return {
    view: clusterView(caches, workloads),
    caches,
    run: async (signal) => {
      await Promise.all(all.map((informer) => informer.run(signal)));
    },
    synced: allSynced(all),
    daemonSetsSynced: allSynced(own),
  };
}

async function allSynced(informers: readonly Pick<Informer<unknown>, 'synced'>[]): Promise<void> {
  await Promise.all(informers.map(({ synced }) => synced));
}

/** The caches as rules see them. */
export function clusterView(
  { daemonSets, nodes, pods, revisions }: Caches,
  workloads: readonly Informer<WorkloadRecord>[],
): ClusterView {
  return {
    daemonSets: (namespace) =>
      namespace === undefined ? daemonSets.store.list() : daemonSets.store.byIndex(BY_NAMESPACE, namespace),
    nodes: () => nodes.store.list(),
    podsOf: (namespace, uid) => pods.store.byIndex(BY_OWNER, ownerIndexValue(namespace, uid)),
    barePods: (namespace) => pods.store.byIndex(BY_OWNER, ownerIndexValue(namespace)),
    revisionsOf: (namespace, uid) => revisions.store.byIndex(BY_OWNER, ownerIndexValue(namespace, uid)),
    orphanedRevisions: (namespace) => revisions.store.byIndex(BY_OWNER, ownerIndexValue(namespace)),
    workloads: (namespace) => workloads.flatMap(({ store }) => store.byIndex(BY_NAMESPACE, namespace)),
  };
}
