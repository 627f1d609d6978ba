import type { Board } from '../../../core/coverage/board.ts';
import type { Grouping } from '../../../core/coverage/groupings.ts';
import { placesInOrder } from '../node-order.ts';

/** A line of the map: nodes of one group, as many as fit. */
export type MapRow = {
  readonly key: string;
  /** The group; undefined where there are none. */
  readonly value: string | undefined;
  /** Which one of the group's lines it is, from 1. */
  readonly line: number;
  /** Nodes of the group. */
  readonly size: number;
  /** Places of nodes. */
  readonly places: readonly number[];
};

/** All nodes, by group, in lines of at most `fits`. */
export function mapRows(
  { nodes }: Pick<Board, 'nodes'>,
  grouping: Grouping | undefined,
  fits: number,
): readonly MapRow[] {
  const of = (place: number): number => grouping?.of[place] ?? 0;
  const groups = Map.groupBy(placesInOrder(nodes), of);
  return (grouping?.values ?? [undefined]).flatMap((value, group) => {
    const places = groups.get(group) ?? [];
    const lines = Math.ceil(places.length / fits);
    return Array.from({ length: lines }, (_, line) => ({
      key: `${line} ${value ?? ''}`,
      value,
      line: line + 1,
      size: places.length,
      places: places.slice(line * fits, (line + 1) * fits),
    }));
  });
}
