import type { Board, BoardRow } from '../../../src/core/coverage/board.ts';

/** A row of a DaemonSet that is as it should be. */
export function row(overrides: Partial<BoardRow> = {}): BoardRow {
  return {
    daemonSet: 'default/demo',
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    numberMisscheduled: 0,
    numberReady: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberUnavailable: 0,
    revision: 1,
    strategy: 'RollingUpdate',
    createdAt: 0,
    state: 'RolloutComplete',
    message: '',
    tone: 'good',
    revisions: [{ revision: 1, current: true, pods: 2, available: 2 }],
    cells: 'aa',
    ...overrides,
  };
}

const NODES = [{ name: 'n1' }, { name: 'n2' }];
const NONE: Board['groupings'] = [];
const REACHABLE = { reachable: true, since: 0 };

/** A board of this one row; what is not asked for is the same object each time. */
export function board(overrides: Partial<BoardRow> = {}): Board {
  return { nodes: NODES, groupings: NONE, daemonSets: [row(overrides)], connection: REACHABLE };
}
