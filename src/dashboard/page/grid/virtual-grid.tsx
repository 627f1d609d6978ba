import type { ComponentChildren, TargetedKeyboardEvent, TargetedMouseEvent } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { focusProps, type GridParts, GridRow } from './grid-row.tsx';
import { moved, type Place } from './moves.ts';
import { placesOf, scrolledTo } from './span.ts';
import { type Active, useActive } from './use-active.ts';
import { useExtent } from './use-extent.ts';
import { useMemory } from './use-memory.ts';
import { type Sizes, useSpans } from './use-spans.ts';

type Props<Row, Column> = {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly parts: GridParts<Row, Column>;
  /** Of the grid's inner width and the number of columns. */
  readonly sizesFor: (width: number, columns: number) => Sizes;
  /** What stands over the row headers. */
  readonly corner: ComponentChildren;
  /** Enter or a click on a cell; headers hold links. */
  readonly onOpen: (row: Row, column: Column) => void;
  /** Where to begin, with the focus there; otherwise where one was last, or at the first row. */
  readonly start?: Active;
};

/** A grid of any size that holds no more elements than can be seen, and is walked with the keyboard. */
export function VirtualGrid<Row, Column>(props: Props<Row, Column>) {
  const { rows, columns, parts, label, corner, start } = props;
  const grid = useRef<HTMLDivElement>(null);
  const extent = useExtent(grid);
  const sizes = useStable(props.sizesFor(extent.width, columns.length));
  const rowKeys = useMemo(() => rows.map(parts.rowKey), [rows, parts]);
  const columnKeys = useMemo(() => columns.map(parts.columnKey), [columns, parts]);
  const { last, keep } = useMemory(label, grid);
  const first: Active = start ?? last?.active ?? { row: rowKeys[0], column: undefined };
  const { active, activate } = useActive(grid, rowKeys, columnKeys, first);
  keep({ row: rowKeys[active.row - 1], column: columnKeys[active.column - 1] });
  const counts = { rows: rows.length, columns: columns.length };
  const spans = useSpans(grid, extent, sizes, counts);

  const show = (place: Place): void => {
    const { current } = grid;
    if (!current) return;
    if (place.row > 0) {
      const height = current.clientHeight - sizes.columnHead;
      current.scrollTop = scrolledTo(current.scrollTop, height, (place.row - 1) * sizes.row, sizes.row);
    }
    if (place.column > 0) {
      const width = current.clientWidth - sizes.rowHead;
      const from = (place.column - 1) * sizes.column;
      current.scrollLeft = scrolledTo(current.scrollLeft, width, from, sizes.column);
    }
  };
  const isMeasured = extent.width > 0;
  useLayoutEffect(() => {
    // Once: afterwards whoever looks decides what is seen.
    if (!isMeasured) return;
    if (start) show(active);
    else if (last) grid.current?.scrollTo(last.left, last.top);
    if (start || last?.hadFocus) activate(active, true);
  }, [isMeasured]);

  const open = ({ row, column }: Place): void => {
    const [atRow, atColumn] = [rows[row - 1], columns[column - 1]];
    if (atRow !== undefined && atColumn !== undefined && parts.face(atRow, atColumn)) {
      props.onOpen(atRow, atColumn);
    }
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    if (event.altKey || event.metaKey) return;
    if (event.key === 'Enter' && active.row > 0 && active.column > 0) {
      event.preventDefault();
      return open(active);
    }
    const page = Math.max(1, Math.floor((extent.height - sizes.columnHead) / sizes.row) - 1);
    const next = moved(active, event, { rows: counts.rows + 1, columns: counts.columns + 1, page });
    if (!next) return;
    event.preventDefault();
    show(next);
    activate(next, true);
  };
  const onClick = (event: TargetedMouseEvent<HTMLElement>): void => {
    const place = placeOf(event.target);
    if (place) open(place);
  };
  const onFocusIn = (event: FocusEvent): void => {
    const place = placeOf(event.target);
    if (place && (place.row !== active.row || place.column !== active.column)) activate(place, false);
  };

  const drawnRows = placesOf(spans.rows, active.row - 1, counts.rows);
  const drawnColumns = placesOf(spans.columns, active.row === 0 ? active.column - 1 : -1, counts.columns);
  return (
    <div
      ref={grid}
      class="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={counts.rows + 1}
      aria-colcount={counts.columns + 1}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onFocusIn={onFocusIn}
    >
      <div
        role="rowgroup"
        class="grid-heads"
        style={{
          width: `${sizes.rowHead + counts.columns * sizes.column}px`,
          height: `${sizes.columnHead}px`,
        }}
      >
        <div role="row" aria-rowindex={1}>
          <div
            role="columnheader"
            class="corner"
            aria-colindex={1}
            data-row={0}
            data-column={0}
            style={{ width: `${sizes.rowHead}px`, height: `${sizes.columnHead}px` }}
            {...focusProps(active.row === 0 && active.column === 0)}
          >
            {corner}
          </div>
          {drawnColumns.map((place) => (
            <div
              key={columnKeys[place]}
              role="columnheader"
              class="column-head"
              aria-colindex={place + 2}
              data-row={0}
              data-column={place + 1}
              style={{
                left: `${sizes.rowHead + place * sizes.column}px`,
                width: `${sizes.column}px`,
                height: `${sizes.columnHead}px`,
              }}
            >
              {parts.columnHead(
                columns[place] as Column,
                focusProps(active.row === 0 && active.column === place + 1),
                sizes,
              )}
            </div>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        class="grid-body"
        style={{
          width: `${sizes.rowHead + counts.columns * sizes.column}px`,
          height: `${counts.rows * sizes.row}px`,
        }}
      >
        {drawnRows.map((place) => (
          <GridRow<Row, Column>
            key={rowKeys[place]}
            parts={parts}
            row={rows[place] as Row}
            index={place + 2}
            columns={columns}
            from={spans.columns.from}
            to={spans.columns.to}
            active={active.row === place + 1 ? active.column : -1}
            sizes={sizes}
          />
        ))}
      </div>
    </div>
  );
}

/** The same object as long as the sizes are the same. */
function useStable(sizes: Sizes): Sizes {
  const last = useRef(sizes);
  const names = Object.keys(sizes) as (keyof Sizes)[];
  if (names.some((name) => last.current[name] !== sizes[name])) last.current = sizes;
  return last.current;
}

/** The cell that an event happened in. */
function placeOf(target: EventTarget | null): Place | undefined {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-row][data-column]') : null;
  if (!cell) return undefined;
  return { row: Number(cell.dataset['row']), column: Number(cell.dataset['column']) };
}
