import { STATE_ORDER, STATES } from '../states.ts';
import { StateTile } from '../state-tile.tsx';
import type { Tally } from './tally.ts';

/** What the shapes mean, and how many there are of each. */
export function Legend({ tally }: { readonly tally: Tally }) {
  return (
    <ul class="legend" aria-label="States of cells, and how many there are">
      {STATE_ORDER.map((state) => (
        <li key={state} class={tally[state] === 0 ? 'nothing' : ''} title={STATES[state].meaning}>
          <StateTile state={state} />
          <span>
            {STATES[state].word} <span class="number">{tally[state].toLocaleString('en')}</span>
            <span class="unseen">: {STATES[state].meaning}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
