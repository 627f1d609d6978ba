import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Place } from './moves.ts';

/** Keys of row and column, which stay the same while places move; undefined for a header. */
export type Active = { readonly row: string | undefined; readonly column: string | undefined };

export type ActivePlace = {
  readonly active: Place;
  /** `focus`: the focus goes there as well. */
  readonly activate: (place: Place, focus: boolean) => void;
};

/**
 * The one cell of a grid that the tab key reaches. It stays the same while rows and columns come and go; where it
 * goes itself, what took its place takes over, and has the focus if it had.
 */
export function useActive(
  grid: RefObject<HTMLElement | null>,
  rows: readonly string[],
  columns: readonly string[],
  start: Active,
): ActivePlace {
  const [active, setActive] = useState<Active>(start);
  const last = useRef<Place>({ row: 1, column: 0 });
  const wantsFocus = useRef(false);
  const row = placeIn(rows, active.row, last.current.row);
  const column = placeIn(columns, active.column, last.current.column);
  // Before anything of the grid is taken away.
  const hadFocus = grid.current?.contains(document.activeElement) ?? false;

  useLayoutEffect(() => {
    last.current = { row, column };
    const { current } = grid;
    if (wantsFocus.current || (hadFocus && !current?.contains(document.activeElement))) {
      current?.querySelector<HTMLElement>('[data-focus][tabindex="0"]')?.focus({ preventScroll: true });
    }
    wantsFocus.current = false;
  });

  const activate = (next: Place, focus: boolean): void => {
    wantsFocus.current = focus;
    last.current = next;
    setActive({ row: rows[next.row - 1], column: columns[next.column - 1] });
  };
  return { active: { row, column }, activate };
}

/** The place of a key, header included; of what took its place where it is gone. */
function placeIn(keys: readonly string[], key: string | undefined, last: number): number {
  if (key === undefined) return 0;
  const at = keys.indexOf(key);
  return at >= 0 ? at + 1 : Math.min(last, keys.length);
}
