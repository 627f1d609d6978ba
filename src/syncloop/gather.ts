import type { DaemonSet } from '../api/daemonset.ts';
import type { NodeRecord } from '../api/node.ts';
import type { Snapshot } from '../core/plan.ts';
import { BY_OWNER, type Caches, ownerIndexValue } from '../cache/caches.ts';
import type { DaemonSetMemory } from './memory.ts';

/** Puts together what one reconcile looks at. Reads caches and memory; makes no API call. */
export function gather(
  cached: DaemonSet,
  sources: {
    readonly caches: Caches;
    readonly nodes: readonly NodeRecord[];
    readonly memory: DaemonSetMemory;
  },
  now: number,
): Snapshot {
  const { caches, memory, nodes } = sources;
  const daemonSet = memory.newest(cached);
  const { namespace, uid } = daemonSet.metadata;
  const own = ownerIndexValue(namespace, uid);
  const orphans = ownerIndexValue(namespace);
  return {
    daemonSet,
    nodes,
    pods: [...caches.pods.store.byIndex(BY_OWNER, own), ...caches.pods.store.byIndex(BY_OWNER, orphans)],
    revisions: memory.withOwnRevisions(
      [
        ...caches.revisions.store.byIndex(BY_OWNER, own),
        ...caches.revisions.store.byIndex(BY_OWNER, orphans),
      ],
      caches,
    ),
    expectationsSatisfied: memory.satisfied(caches, now),
    backoff: memory.backoff(daemonSet.status?.observedGeneration ?? 0, now),
  };
}
