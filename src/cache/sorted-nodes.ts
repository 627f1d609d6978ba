import type { NodeRecord } from '../api/node.ts';
import type { Caches } from './caches.ts';
import { keyOf } from './triggers.ts';

/**
 * The nodes in order of name. Sorted again only after one came or went: a heartbeat, of which a big cluster has
 * many, costs a look-up for each node.
 */
export class SortedNodes {
  readonly #caches: Pick<Caches, 'nodes'>;
  #names: readonly string[] | undefined;
  #sorted: readonly NodeRecord[] | undefined;

  constructor(caches: Pick<Caches, 'nodes'>) {
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
