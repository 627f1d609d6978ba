import type { DaemonSet } from '../api/daemonset.ts';
import type { NodeRecord } from '../api/node.ts';
import type { Snapshot } from '../core/plan.ts';
import { BY_OWNER, type Caches, ownerIndexValue } from '../cache/caches.ts';
import type { DaemonSetMemory } from './memory.ts';
import { keyOf } from './triggers.ts';

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

/**
 * The nodes in order of name. Sorted again only after one came or went: a heartbeat, of which a big cluster has
 * many, costs a look-up for each node.
 */
export class SortedNodes {
  readonly #caches: Caches;
  #names: readonly string[] | undefined;
  #sorted: readonly NodeRecord[] | undefined;

  constructor(caches: Caches) {
    this.#caches = caches;
    caches.nodes.onChange(({ type }) => {
      this.#sorted = undefined;
      if (type !== 'update') this.#names = undefined;
    });
  }

  list(): readonly NodeRecord[] {
    const { store } = this.#caches.nodes;
    this.#names ??= store
      .list()
      .map(({ name }) => name)
      .toSorted();
    this.#sorted ??= this.#names.flatMap((name) => store.get(keyOf({ name })) ?? []);
    return this.#sorted;
  }
}
