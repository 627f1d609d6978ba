import type { Board, BoardNode, BoardRow } from '../../../src/core/coverage/board.ts';

/** A row of a board with these cells; what else it says is that all is well. */
export function boardRow(daemonSet: string, cells: string, more: Partial<BoardRow> = {}): BoardRow {
  return {
    daemonSet,
    cells,
    desiredNumberScheduled: cells.length,
    currentNumberScheduled: cells.length,
    numberMisscheduled: 0,
    numberReady: cells.length,
    updatedNumberScheduled: cells.length,
    numberAvailable: cells.length,
    numberUnavailable: 0,
    strategy: 'RollingUpdate',
    createdAt: 0,
    state: 'RolloutComplete',
    message: '',
    tone: 'good',
    revisions: [],
    ...more,
  };
}

/** `node-0` and so on. */
export function boardNodes(count: number): readonly BoardNode[] {
  return Array.from({ length: count }, (_, index) => ({ name: `node-${index}` }));
}

export function board(parts: Partial<Board> = {}): Board {
  return {
    nodes: boardNodes(3),
    groupings: [],
    daemonSets: [],
    connection: { reachable: true, since: 0 },
    ...parts,
  };
}
