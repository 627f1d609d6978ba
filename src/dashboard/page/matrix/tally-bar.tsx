import { segmentsOf, type Tally } from './tally.ts';

/** How many nodes of a group are in each state, as one bar: one element however many states. */
export function TallyBar({ tally }: { readonly tally: Tally }) {
  const stops = segmentsOf(tally).map(
    ({ state, from, to }) => `var(--bar-${state}) ${from.toFixed(2)}% ${to.toFixed(2)}%`,
  );
  const style = stops.length > 0 ? { backgroundImage: `linear-gradient(to right, ${stops.join(', ')})` } : {};
  return <span class="tally-bar" aria-hidden="true" style={style} />;
}
