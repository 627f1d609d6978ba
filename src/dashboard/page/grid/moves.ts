/** Row and column; 0 is the header of either. */
export type Place = { readonly row: number; readonly column: number };

export type Extent = {
  /** Headers included. */
  readonly rows: number;
  readonly columns: number;
  /** Rows that PageUp and PageDown pass. */
  readonly page: number;
};

type Move = (place: Place, extent: Extent) => Place;

const MOVES: ReadonlyMap<string, Move> = new Map<string, Move>([
  ['ArrowUp', ({ row, column }) => ({ row: row - 1, column })],
  ['ArrowDown', ({ row, column }) => ({ row: row + 1, column })],
  ['ArrowLeft', ({ row, column }) => ({ row, column: column - 1 })],
  ['ArrowRight', ({ row, column }) => ({ row, column: column + 1 })],
  ['PageUp', ({ row, column }, { page }) => ({ row: row - page, column })],
  ['PageDown', ({ row, column }, { page }) => ({ row: row + page, column })],
  ['Home', ({ row }) => ({ row, column: 0 })],
  ['End', ({ row }, { columns }) => ({ row, column: columns - 1 })],
  ['Control+Home', () => ({ row: 0, column: 0 })],
  ['Control+End', (_, { rows, columns }) => ({ row: rows - 1, column: columns - 1 })],
]);

/** Where a key leads within a grid; undefined for a key that leads nowhere. */
export function moved(
  place: Place,
  { key, ctrlKey }: { readonly key: string; readonly ctrlKey: boolean },
  extent: Extent,
): Place | undefined {
  const move = MOVES.get(ctrlKey ? `Control+${key}` : key);
  if (!move) return undefined;
  const { row, column } = move(place, extent);
  return { row: within(row, extent.rows), column: within(column, extent.columns) };
}

function within(place: number, count: number): number {
  return Math.max(0, Math.min(place, count - 1));
}
