import { type CellState, stateOfCode } from '../../../core/coverage/cell.ts';
import { isUnsettled, STATE_ORDER, STATES } from '../states.ts';

/** How many cells of a group are in each state. */
export type Tally = Readonly<Record<CellState, number>>;

/**
 * The cells of a row by group.
 *
 * @param of for each cell the place of its group; negative for one that counts nowhere.
 */
export function talliesOf(cells: string, of: readonly number[], groups: number): readonly Tally[] {
  const tallies = Array.from({ length: groups }, emptyTally);
  for (let place = 0; place < cells.length; place += 1) {
    const tally = tallies[of[place] ?? -1];
    if (tally) tally[stateOfCode(cells[place] ?? '')] += 1;
  }
  return tallies;
}

function emptyTally(): Record<CellState, number> {
  return Object.fromEntries(STATE_ORDER.map((state) => [state, 0])) as Record<CellState, number>;
}

/** All tallies together. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    for (const state of STATE_ORDER) sum[state] += tally[state];
  }
  return sum;
}

export function hasUnsettled(tally: Tally): boolean {
  return STATE_ORDER.some((state) => tally[state] > 0 && isUnsettled(state));
}

/** How many of the nodes have, or should have, a pod. */
function belonging(tally: Tally): number {
  const { available, outdated, starting, trouble, missing, terminating } = tally;
  return available + outdated + starting + trouble + missing + terminating;
}

/** The one number of a group that matters, and what it is about. */
export type Figure = { readonly text: string; readonly state: CellState };

/** States that somebody has to look at. */
const WRONG = ['trouble', 'missing', 'misscheduled'] as const;

export function figureOf(tally: Tally): Figure {
  for (const state of WRONG) {
    if (tally[state] > 0) return { text: `${tally[state]} ${STATES[state].word}`, state };
  }
  const all = belonging(tally);
  if (all === 0)
    return tally.kept > 0 ? { text: `${tally.kept} kept`, state: 'kept' } : { text: '–', state: 'none' };
  if (tally.outdated > 0) return { text: `${tally.available}/${all} new`, state: 'outdated' };
  if (tally.available < all) {
    return { text: `${tally.available}/${all}`, state: tally.starting > 0 ? 'starting' : 'terminating' };
  }
  return { text: `${all}/${all}`, state: 'available' };
}

/** Every number that is not zero, in words, worst first. */
export function spokenTally(tally: Tally): string {
  return STATE_ORDER.filter((state) => tally[state] > 0)
    .map((state) => `${tally[state]} ${STATES[state].word}`)
    .join(', ');
}

/** From where to where each state reaches in a bar, in percent; nodes that need no pod are left out. */
export function segmentsOf(
  tally: Tally,
): readonly { readonly state: CellState; readonly from: number; readonly to: number }[] {
  const shown = STATE_ORDER.toReversed().filter((state) => state !== 'none' && tally[state] > 0);
  const total = shown.reduce((sum, state) => sum + tally[state], 0);
  let before = 0;
  return shown.map((state) => {
    const from = (before / total) * 100;
    before += tally[state];
    return { state, from, to: (before / total) * 100 };
  });
}
