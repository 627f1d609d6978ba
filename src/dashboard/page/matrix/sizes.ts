import type { Sizes } from '../grid/use-spans.ts';

/** In pixels. */
const ROW = 30;
const ROW_HEAD = { narrow: 168, wide: 400, widest: 520 };
/** Below this the page is that of a phone. */
const NARROW = 700;
const WIDE = 1_150;
const NODE = { least: 28, upright: 36, flat: 64, most: 140 };
const GROUP = { least: 116, most: 240 };
const FLAT_HEAD = 46;
const UPRIGHT_HEAD = { least: 60, most: 136 };
/** Of a character of a header, bold where it lies flat, and what is left free at both ends. */
const CHARACTER = { flat: 8, upright: 7 };
const MARGIN = 18;

/** Characters that fit into the header of a column. */
export function charactersIn({ column, columnHead, isUpright }: Sizes): number {
  return isUpright
    ? Math.floor((columnHead - MARGIN) / CHARACTER.upright)
    : Math.floor((column - MARGIN) / CHARACTER.flat);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function rowHeadOf(width: number): number {
  if (width < NARROW) return ROW_HEAD.narrow;
  return width < WIDE ? ROW_HEAD.wide : ROW_HEAD.widest;
}

function share(width: number, columns: number): number {
  return Math.floor((width - rowHeadOf(width)) / Math.max(1, columns));
}

/**
 * Nodes share the width as long as they fit. Their names lie flat where there is room for them, and stand upright
 * over narrow columns where there is none.
 *
 * @param longest characters of the longest name.
 */
export function nodeSizes(width: number, columns: number, longest: number): Sizes {
  const each = share(width, columns);
  const isFlat = each >= clamp(longest * CHARACTER.flat + MARGIN, NODE.flat, NODE.most);
  const upright = longest * CHARACTER.upright + MARGIN;
  return {
    row: ROW,
    column: isFlat ? Math.min(each, NODE.most) : clamp(each, NODE.least, NODE.upright),
    rowHead: rowHeadOf(width),
    columnHead: isFlat ? FLAT_HEAD : clamp(upright, UPRIGHT_HEAD.least, UPRIGHT_HEAD.most),
    isUpright: !isFlat,
  };
}

export function groupSizes(width: number, columns: number): Sizes {
  return {
    row: ROW,
    column: clamp(share(width, columns), GROUP.least, GROUP.most),
    rowHead: rowHeadOf(width),
    columnHead: FLAT_HEAD,
  };
}
