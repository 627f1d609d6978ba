import type { RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Active } from './use-active.ts';

/** Where somebody was in a grid: what is scrolled to, and the active cell. */
type Remembered = {
  readonly top: number;
  readonly left: number;
  readonly active: Active;
  /** Whether it was left from within, as by a link of its own. */
  readonly hadFocus: boolean;
};

/** By the grid's name; gone with the page. */
const grids = new Map<string, Remembered>();

export type Memory = {
  /** Where one was when the grid was left; undefined where it is new. */
  readonly last: Remembered | undefined;
  /** Told at each drawing, for the next time. */
  readonly keep: (active: Active) => void;
};

/** Lets who comes back to a grid find it as it was left. */
export function useMemory(name: string, grid: RefObject<HTMLElement | null>): Memory {
  const last = useMemo(() => grids.get(name), [name]);
  const latest = useRef<Active>(undefined);
  useLayoutEffect(
    () => () => {
      const { current } = grid;
      if (!current || !latest.current) return;
      const { scrollTop: top, scrollLeft: left } = current;
      const hadFocus = current.contains(document.activeElement);
      grids.set(name, { top, left, active: latest.current, hadFocus });
    },
    [name, grid],
  );
  return { last, keep: (active) => (latest.current = active) };
}
