import type { BoardRow } from '../../../core/coverage/board.ts';
import { stateOfCode } from '../../../core/coverage/cell.ts';

/**
 * How many of the nodes that should have a pod have an available one of the current revision. Pods are not counted:
 * some are on nodes that need none, and a surge has two on one node.
 */
export function renewedNodes({ cells }: Pick<BoardRow, 'cells'>): number {
  return Array.from(cells).filter((code) => stateOfCode(code) === 'available').length;
}
