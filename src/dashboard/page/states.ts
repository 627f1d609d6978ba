import type { CellState } from '../../core/coverage/cell.ts';

/** How a state is shown and spoken: never by its colour alone. */
export type StateFacts = {
  readonly word: string;
  /** One character, of fonts that every system has. */
  readonly glyph: string;
  /** Reads on from "on that node:". */
  readonly meaning: string;
};

export const STATES: Readonly<Record<CellState, StateFacts>> = {
  trouble: {
    word: 'trouble',
    glyph: '!',
    meaning: 'its pod cannot get any further by itself, or the node is not ready',
  },
  missing: { word: 'missing', glyph: '?', meaning: 'a pod belongs there, and there is none' },
  misscheduled: { word: 'misscheduled', glyph: '×', meaning: 'its pod should not be there' },
  starting: { word: 'starting', glyph: '…', meaning: 'its pod is not available yet' },
  terminating: { word: 'terminating', glyph: '↓', meaning: 'all that is there is a pod that ends' },
  outdated: { word: 'outdated', glyph: '○', meaning: 'its pod is available, and of an older revision' },
  available: { word: 'available', glyph: '●', meaning: 'its pod is of the current revision, and available' },
  kept: {
    word: 'kept',
    glyph: '=',
    meaning: 'no pod would be made there, but the one that is there may stay',
  },
  none: { word: 'none', glyph: '·', meaning: 'it has no pod there, and none belongs there' },
};

/** Worst first. */
export const STATE_ORDER = Object.keys(STATES) as readonly CellState[];

/** States in which nothing is left to do. */
const SETTLED: ReadonlySet<CellState> = new Set(['available', 'kept', 'none']);

/** Whether something is wrong or under way. */
export function isUnsettled(state: CellState): boolean {
  return !SETTLED.has(state);
}
