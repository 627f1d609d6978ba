import type { BoardRow } from '../../../core/coverage/board.ts';
import { type CellState, stateOfCode } from '../../../core/coverage/cell.ts';
import { isUnsettled } from '../states.ts';
import { matches } from '../text.ts';
import type { Column, GroupColumn, NodeColumn } from './columns.ts';
import { hasUnsettled, sumOf, type Tally, talliesOf } from './tally.ts';

export type RowFilter = { readonly text: string; readonly onlyUnsettled: boolean };

/** The rows and columns that are left, in their order. */
export type Matrix<C extends Column> = {
  readonly rows: readonly BoardRow[];
  readonly columns: readonly C[];
};

/** How a DaemonSet stands on one node. */
export function stateAt({ cells }: Pick<BoardRow, 'cells'>, place: number): CellState {
  return stateOfCode(cells[place] ?? '');
}

/** What a filter leaves of a matrix with a column for each node. */
export function filterNodes(
  all: readonly BoardRow[],
  columns: readonly NodeColumn[],
  filter: RowFilter,
): Matrix<NodeColumn> {
  return filtered(all, columns, filter, (row, { place }) => isUnsettled(stateAt(row, place)));
}

/** Tallies of a row, in the order of the groups' places; each row is counted once. */
export type TalliesOfRow = (row: BoardRow) => readonly Tally[];

/** @param of for each node the place of its group, as `talliesOf` takes it. */
export function countedOnce({ of, groups }: { of: readonly number[]; groups: number }): TalliesOfRow {
  const known = new WeakMap<BoardRow, readonly Tally[]>();
  return (row) => {
    const tallies = known.get(row) ?? talliesOf(row.cells, of, groups);
    known.set(row, tallies);
    return tallies;
  };
}

/** What a filter leaves of a matrix with a column for each group. */
export function filterGroups<C extends Column>(
  all: readonly BoardRow[],
  columns: readonly C[],
  tallies: TalliesOfRow,
  filter: RowFilter,
): Matrix<C> {
  return filtered(all, columns, filter, (row, { place }) => {
    const tally = tallies(row)[place];
    return tally !== undefined && hasUnsettled(tally);
  });
}

/** The cells of the groups that a filter leaves, and of no others. */
export function tallyShown({ rows, columns }: Matrix<GroupColumn>, tallies: TalliesOfRow): Tally {
  return sumOf(rows.flatMap((row) => columns.flatMap(({ place }) => tallies(row)[place] ?? [])));
}

function filtered<C extends Column>(
  all: readonly BoardRow[],
  columns: readonly C[],
  { text, onlyUnsettled }: RowFilter,
  isUnsettledAt: (row: BoardRow, column: C) => boolean,
): Matrix<C> {
  const found = all.filter(({ daemonSet }) => matches(daemonSet, text));
  if (!onlyUnsettled) return { rows: found, columns };
  const rows = found.filter(
    (row) => row.tone !== 'good' || columns.some((column) => isUnsettledAt(row, column)),
  );
  const unsettled = columns.filter((column) => found.some((row) => isUnsettledAt(row, column)));
  // Such as a change that nobody has acted on yet: no node is to blame, and without a column the row would go, too.
  return { rows, columns: unsettled.length > 0 || rows.length === 0 ? unsettled : columns };
}
