import type { CellState } from '../../core/coverage/cell.ts';
import { STATES } from './states.ts';

/** A state as a shape; whatever stands beside it has to say the same in words. */
export function StateTile({ state }: { readonly state: CellState }) {
  return (
    <span class={`tile state-${state}`} aria-hidden="true">
      {STATES[state].glyph}
    </span>
  );
}
