import type { Board, BoardNode } from '../../../core/coverage/board.ts';
import type { Grouping } from '../../../core/coverage/groupings.ts';
import { placesInOrder } from '../node-order.ts';
import { matches } from '../text.ts';

/** A node as a column of the matrix. */
export type NodeColumn = {
  readonly kind: 'node';
  readonly key: string;
  /** Of its cell in a row. */
  readonly place: number;
  readonly node: BoardNode;
};

/** Nodes with the same value of a label as a column of the matrix. */
export type GroupColumn = {
  readonly kind: 'group';
  readonly key: string;
  /** Of its tally. */
  readonly place: number;
  readonly label: string;
  /** Empty for nodes that lack the label. */
  readonly value: string;
  readonly nodes: number;
  readonly notReady: number;
};

export type Column = NodeColumn | GroupColumn;

/** Up to so many nodes are shown one by one if nothing else is asked for. */
const FEW_NODES = 60;

/** What to group by: as asked, or what suits the number of nodes. Undefined: every node by itself. */
export function chosenGrouping(
  { nodes, groupings }: Pick<Board, 'nodes' | 'groupings'>,
  asked: string | undefined,
): Grouping | undefined {
  if (asked === undefined) return nodes.length > FEW_NODES ? groupings[0] : undefined;
  return groupings.find(({ label }) => label === asked);
}

/** One column for each node that the filter lets through, of one group where one is given. */
export function nodeColumns(
  nodes: readonly BoardNode[],
  filter: string,
  group?: { readonly grouping: Grouping; readonly value: string },
): readonly NodeColumn[] {
  const wanted = group ? group.grouping.values.indexOf(group.value) : -1;
  return placesInOrder(nodes).flatMap((place): readonly NodeColumn[] => {
    const node = nodes[place];
    if (!node || (group && group.grouping.of[place] !== wanted) || !matches(node.name, filter)) return [];
    return [{ kind: 'node', key: node.name, place, node }];
  });
}

/** Columns of groups, and the place of each node's group for `talliesOf`. */
export type GroupColumns = { readonly columns: readonly GroupColumn[]; readonly of: readonly number[] };

/** One column for each group with a node that the filter lets through; only such nodes count. */
export function groupColumns(nodes: readonly BoardNode[], grouping: Grouping, filter: string): GroupColumns {
  const of = nodes.map(({ name }, place) => (matches(name, filter) ? (grouping.of[place] ?? -1) : -1));
  const counts = grouping.values.map(() => ({ nodes: 0, notReady: 0 }));
  nodes.forEach(({ notReadySince }, place) => {
    const count = counts[of[place] ?? -1];
    if (!count) return;
    count.nodes += 1;
    count.notReady += Number(notReadySince !== undefined);
  });
  const columns = grouping.values.flatMap((value, place): readonly GroupColumn[] => {
    const count = counts[place];
    if (!count || count.nodes === 0) return [];
    return [{ kind: 'group', key: `=${value}`, place, label: grouping.label, value, ...count }];
  });
  return { columns, of };
}
