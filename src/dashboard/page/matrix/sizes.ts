import type { Sizes } from '../grid/use-spans.ts';

/** In pixels. */
const ROW = 30;
const ROW_HEAD = { narrow: 168, wide: 380, widest: 450 };
/** Below this the page is that of a phone. */
const NARROW = 700;
const WIDE = 1_150;
const NODE = { least: 28, most: 140, upright: 92 };
const GROUP = { least: 116, most: 240 };
const COLUMN_HEAD = { flat: 46, upright: 136 };

function rowHeadOf(width: number): number {
  if (width < NARROW) return ROW_HEAD.narrow;
  return width < WIDE ? ROW_HEAD.wide : ROW_HEAD.widest;
}

function spread(width: number, columns: number, { least, most }: { least: number; most: number }): number {
  const each = Math.floor((width - rowHeadOf(width)) / Math.max(1, columns));
  return Math.min(most, Math.max(least, each));
}

/** Nodes share the width as long as they fit. */
export function nodeSizes(width: number, columns: number): Sizes {
  const column = spread(width, columns, NODE);
  // Names that stand upright need no more than a cell's width.
  const isUpright = column < NODE.upright;
  return {
    row: ROW,
    column: isUpright ? Math.min(column, NODE.least + 8) : column,
    rowHead: rowHeadOf(width),
    columnHead: isUpright ? COLUMN_HEAD.upright : COLUMN_HEAD.flat,
  };
}

export function groupSizes(width: number, columns: number): Sizes {
  return {
    row: ROW,
    column: spread(width, columns, GROUP),
    rowHead: rowHeadOf(width),
    columnHead: COLUMN_HEAD.flat,
  };
}
