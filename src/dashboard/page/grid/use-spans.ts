import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Extent } from './use-extent.ts';
import { type Span, visibleSpan } from './span.ts';

/** Sizes in pixels. */
export type Sizes = {
  readonly row: number;
  readonly column: number;
  readonly rowHead: number;
  readonly columnHead: number;
  /** Whether column headers are written upright. */
  readonly isUpright?: boolean;
};

type Scrolled = { readonly top: number; readonly left: number };

/** Which rows and columns can be seen; changes only when those do, not with every pixel. */
export function useSpans(
  element: RefObject<HTMLElement | null>,
  extent: Extent,
  sizes: Sizes,
  counts: { readonly rows: number; readonly columns: number },
): { readonly rows: Span; readonly columns: Span } {
  // In whole cells, so that the same cells are the same state.
  const [at, setAt] = useState<Scrolled>({ top: 0, left: 0 });
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const read = (): void => {
      const top = Math.floor(current.scrollTop / sizes.row) * sizes.row;
      const left = Math.floor(current.scrollLeft / sizes.column) * sizes.column;
      setAt((last) => (last.top === top && last.left === left ? last : { top, left }));
    };
    read();
    current.addEventListener('scroll', read, { passive: true });
    return () => current.removeEventListener('scroll', read);
  }, [element, sizes.row, sizes.column]);
  return {
    rows: visibleSpan(at.top, Math.max(0, extent.height - sizes.columnHead), {
      size: sizes.row,
      count: counts.rows,
    }),
    columns: visibleSpan(at.left, Math.max(0, extent.width - sizes.rowHead), {
      size: sizes.column,
      count: counts.columns,
    }),
  };
}
