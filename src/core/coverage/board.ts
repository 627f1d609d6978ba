import type { Judged } from '../audit/judged.ts';
import type { Grouping } from './groupings.ts';
import type { CoverageRow } from './row.ts';
import type { Severity } from '../severity.ts';

/** A node as the board knows it. */
export type BoardNode = {
  readonly name: string;
  /** Milliseconds since the epoch; absent while it is ready. */
  readonly notReadySince?: number;
};

/** A DaemonSet of the board. */
export type BoardRow = CoverageRow & {
  /** Findings that count, by severity; absent until it has been judged. */
  readonly findings?: Readonly<Record<Severity, number>>;
};

/** Whether the board is as the cluster is. */
export type Connection = {
  /** False while the API server does not answer: then the board is as it was when it last did. */
  readonly reachable: boolean;
  /** Since when, milliseconds since the epoch. */
  readonly since: number;
};

/** Every DaemonSet on every node, at one moment. */
export type Board = {
  /** In order of name; `cells`, and `of` of the groupings, go by this order. */
  readonly nodes: readonly BoardNode[];
  readonly groupings: readonly Grouping[];
  /** By namespace and name. */
  readonly daemonSets: readonly BoardRow[];
  readonly connection: Connection;
  /** Absent until anything was judged. */
  readonly judged?: Judged;
};

/** Cells that became others: the place of the first, and the characters from there on. */
type CellPatch = readonly [from: number, codes: string];

/** What of a row became other. Where many cells did, all of them. */
type RowChange = Omit<BoardRow, 'cells'> & { readonly cells: string | readonly CellPatch[] };

/** What makes one board out of another: each part that changed. */
export type BoardChange = {
  readonly nodes?: readonly BoardNode[];
  readonly groupings?: readonly Grouping[];
  readonly daemonSets?: readonly RowChange[];
  /** `namespace/name` of those that are no more. */
  readonly gone?: readonly string[];
  readonly connection?: Connection;
  /** Null where the board says nothing of it any more. */
  readonly judged?: Judged | null;
};

/** What a client that has the board `from` needs to know to have `to`; undefined when it has it. Parts that did not change must be the same objects. */
export function changeBetween(from: Board, to: Board): BoardChange | undefined {
  const before = new Map(from.daemonSets.map((row) => [row.daemonSet, row]));
  const after = new Set(to.daemonSets.map(({ daemonSet }) => daemonSet));
  const changed = to.daemonSets.flatMap((row): readonly RowChange[] => {
    const old = before.get(row.daemonSet);
    return old === row ? [] : [{ ...row, cells: old ? cellChange(old.cells, row.cells) : row.cells }];
  });
  const gone = from.daemonSets.map(({ daemonSet }) => daemonSet).filter((name) => !after.has(name));
  const change: BoardChange = {
    ...(from.nodes !== to.nodes && { nodes: to.nodes }),
    ...(from.groupings !== to.groupings && { groupings: to.groupings }),
    ...(changed.length > 0 && { daemonSets: changed }),
    ...(gone.length > 0 && { gone }),
    ...(from.connection !== to.connection && { connection: to.connection }),
    ...(from.judged !== to.judged && { judged: to.judged ?? null }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** The runs of cells that differ, or all cells where that is no more to say. */
function cellChange(from: string, to: string): string | readonly CellPatch[] {
  if (from.length !== to.length) return to;
  const patches: [number, string][] = [];
  let size = 0;
  for (let place = 0; place < to.length; place += 1) {
    if (from[place] === to[place]) continue;
    const last = patches.at(-1);
    if (last && last[0] + last[1].length === place) last[1] += to[place];
    else {
      patches.push([place, to[place] ?? '']);
      size += PATCH_OVERHEAD;
    }
    size += 1;
    if (size > to.length) return to;
  }
  return patches;
}

/** About what brackets, quotes and a number take. */
const PATCH_OVERHEAD = 10;

/** The board after the change. */
export function applyChange(board: Board, change: BoardChange): Board {
  const rows = new Map(board.daemonSets.map((row) => [row.daemonSet, row]));
  for (const name of change.gone ?? []) rows.delete(name);
  for (const row of change.daemonSets ?? []) {
    const { cells } = row;
    const old = rows.get(row.daemonSet)?.cells ?? '';
    rows.set(row.daemonSet, { ...row, cells: typeof cells === 'string' ? cells : patched(old, cells) });
  }
  const judged = change.judged === undefined ? board.judged : change.judged;
  return {
    nodes: change.nodes ?? board.nodes,
    groupings: change.groupings ?? board.groupings,
    daemonSets: [...rows.values()].toSorted(byName),
    connection: change.connection ?? board.connection,
    ...(judged && { judged }),
  };
}

function patched(cells: string, patches: readonly CellPatch[]): string {
  let result = '';
  let done = 0;
  for (const [from, codes] of patches) {
    result += cells.slice(done, from) + codes;
    done = from + codes.length;
  }
  return result + cells.slice(done);
}

/** The order of a board: by namespace, then by name. */
export function byName(a: Pick<BoardRow, 'daemonSet'>, b: Pick<BoardRow, 'daemonSet'>): number {
  const [left, right] = [a, b].map(({ daemonSet }) => daemonSet.replace('/', '\u0000')) as [string, string];
  return left < right ? -1 : Number(left > right);
}
