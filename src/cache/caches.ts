import type { DaemonSet } from '../api/daemonset.ts';
import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS, type ResourceKind } from '../api/kinds.ts';
import type { NodeRecord } from '../api/node.ts';
import type { ControllerRef, PodRecord } from '../api/pod.ts';
import type { RevisionRecord } from '../api/revision.ts';
import { nodeRecord, podOfInterest, revisionRecord } from '../core/records/records.ts';
import type { Client } from '../kube/client.ts';
import { createInformer, type Informer } from '../kube/informer.ts';
import type { ReflectorOptions } from '../kube/reflector.ts';
import type { Logger } from '../telemetry/log.ts';

/** What the sync loop sees of the cluster. */
export type Caches = {
  readonly daemonSets: Informer<DaemonSet>;
  readonly nodes: Informer<NodeRecord>;
  readonly pods: Informer<PodRecord>;
  readonly revisions: Informer<RevisionRecord>;
};

/** Index of pods by the node that they run on or are meant for. */
export const BY_NODE = 'node';
/** Index of pods and revisions by `namespace/uid of the controller`, or `namespace/` for orphans. */
export const BY_OWNER = 'owner';
/** Index of DaemonSets by namespace. */
export const BY_NAMESPACE = 'namespace';

/** The value under which `BY_OWNER` files what a controller owns; without a uid, what nothing owns. */
export function ownerIndexValue(namespace: string, uid = ''): string {
  return `${namespace}/${uid}`;
}

type Owned = { readonly namespace: string; readonly controller?: ControllerRef };

function byOwner({ namespace, controller }: Owned): readonly string[] {
  return [ownerIndexValue(namespace, controller?.uid)];
}

/** Told of watches, by kind. */
export type WatchObserver = {
  readonly opened?: (kind: string) => void;
  readonly ended?: (kind: string) => void;
};

/** Makes the four informers; they begin when they are run. */
export function createCaches(client: Client, logger: Logger, observer: WatchObserver = {}): Caches {
  const following = (kind: ResourceKind): ReflectorOptions => ({
    client,
    logger,
    kind,
    onWatchOpened: () => observer.opened?.(kind.kind),
    onWatchEnded: () => observer.ended?.(kind.kind),
  });
  return {
    daemonSets: createInformer<DaemonSet>({
      ...following(DAEMONSETS),
      project: withoutManagedFields,
      identify: ({ metadata }) => metadata,
      indexes: { [BY_NAMESPACE]: ({ metadata }) => [metadata.namespace] },
    }),
    nodes: createInformer<NodeRecord>({ ...following(NODES), project: nodeRecord }),
    pods: createInformer<PodRecord>({
      ...following(PODS),
      project: podOfInterest,
      indexes: {
        [BY_OWNER]: byOwner,
        [BY_NODE]: ({ targetNode }) => (targetNode === undefined ? [] : [targetNode]),
      },
    }),
    revisions: createInformer<RevisionRecord>({
      ...following(CONTROLLER_REVISIONS),
      project: revisionRecord,
      indexes: { [BY_OWNER]: byOwner },
    }),
  };
}

function withoutManagedFields(raw: unknown): DaemonSet {
  const daemonSet = raw as DaemonSet & { metadata: { managedFields?: unknown } };
  const { managedFields: _, ...metadata } = daemonSet.metadata;
  return { ...daemonSet, metadata };
}
