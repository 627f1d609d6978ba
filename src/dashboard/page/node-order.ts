import type { BoardNode } from '../../core/coverage/board.ts';

/** `node-2` before `node-10`. */
const { compare } = new Intl.Collator('en', { numeric: true });

/** Nodes are the same list until one of them changes. */
const known = new WeakMap<readonly BoardNode[], readonly number[]>();

/** The places of the nodes in the order in which people count. */
export function placesInOrder(nodes: readonly BoardNode[]): readonly number[] {
  const found = known.get(nodes);
  if (found) return found;
  const places = nodes
    .map(({ name }, place) => ({ name, place }))
    .toSorted((a, b) => compare(a.name, b.name))
    .map(({ place }) => place);
  known.set(nodes, places);
  return places;
}
