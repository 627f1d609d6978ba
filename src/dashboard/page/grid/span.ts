/** Places from `from` up to but without `to`. */
export type Span = { readonly from: number; readonly to: number };

/** Cells are drawn so many at a time: while one scrolls, all that is drawn already stays as it is in between. */
const AT_A_TIME = 4;

/** What of a row of equal cells can be seen, and a few more on both sides. */
export function visibleSpan(
  scrolled: number,
  extent: number,
  { size, count }: { readonly size: number; readonly count: number },
): Span {
  const first = Math.floor(scrolled / size) - 1;
  const end = Math.ceil((scrolled + extent) / size) + 1;
  const from = Math.min(count, Math.max(0, Math.floor(first / AT_A_TIME) * AT_A_TIME));
  const to = Math.min(count, Math.ceil(end / AT_A_TIME) * AT_A_TIME);
  return { from, to: Math.max(from, to) };
}

/** The places of a span, and one that is kept wherever it is: what has the focus must not go. */
export function placesOf({ from, to }: Span, kept: number, count: number): readonly number[] {
  const places = Array.from({ length: to - from }, (_, index) => from + index);
  if (kept < 0 || kept >= count) return places;
  if (kept < from) return [kept, ...places];
  return kept >= to ? [...places, kept] : places;
}

/** How far to scroll so that a cell is seen in whole; as it is where that is so already. */
export function scrolledTo(scrolled: number, extent: number, start: number, size: number): number {
  if (start < scrolled) return start;
  return start + size > scrolled + extent ? Math.max(0, start + size - extent) : scrolled;
}
