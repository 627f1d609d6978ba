import { Component, type ComponentChildren, type JSX } from 'preact';
import { placesOf } from './span.ts';
import type { Sizes } from './use-spans.ts';

/** What makes an element the one that has, or would get, the focus. */
export type FocusProps = { readonly tabIndex: 0 | -1; readonly 'data-focus': '' };

export function focusProps(isActive: boolean): FocusProps {
  return { tabIndex: isActive ? 0 : -1, 'data-focus': '' };
}

/** What a cell shows and says. */
export type CellFace = {
  /** All that it says to those who do not see it. */
  readonly label: string;
  readonly class: string;
  readonly content: ComponentChildren;
};

/** What a grid is made of. The functions must stay the same as long as what they say does. */
export type GridParts<Row, Column> = {
  readonly rowKey: (row: Row) => string;
  readonly columnKey: (column: Column) => string;
  /** The focus goes to the element that gets the props. */
  readonly rowHead: (row: Row, focus: FocusProps) => ComponentChildren;
  readonly columnHead: (column: Column, focus: FocusProps, sizes: Sizes) => ComponentChildren;
  /** Undefined where there is none. */
  readonly face: (row: Row, column: Column) => CellFace | undefined;
};

type RowProps<Row, Column> = {
  readonly parts: GridParts<Row, Column>;
  readonly row: Row;
  /** Of the row in the grid, 1-based; the header has 1. */
  readonly index: number;
  readonly columns: readonly Column[];
  /** From where to where cells are drawn. */
  readonly from: number;
  readonly to: number;
  /** The column that has the focus, 0 for the header; -1 where it is in another row. */
  readonly active: number;
  readonly sizes: Sizes;
};

/** A row of the grid; drawn again only when something of it has changed. */
export class GridRow<Row, Column> extends Component<RowProps<Row, Column>> {
  override shouldComponentUpdate(next: RowProps<Row, Column>): boolean {
    const now = this.props;
    return (Object.keys(next) as (keyof RowProps<Row, Column>)[]).some((name) => now[name] !== next[name]);
  }

  override render({
    parts,
    row,
    index,
    sizes,
    active,
    columns,
    from,
    to,
  }: RowProps<Row, Column>): JSX.Element {
    return (
      <div
        role="row"
        class="grid-row"
        aria-rowindex={index}
        style={{ top: `${(index - 2) * sizes.row}px`, height: `${sizes.row}px` }}
      >
        <div
          role="rowheader"
          class="row-head"
          aria-colindex={1}
          data-row={index - 1}
          data-column={0}
          style={{ width: `${sizes.rowHead}px` }}
        >
          {parts.rowHead(row, focusProps(active === 0))}
        </div>
        {placesOf({ from, to }, active - 1, columns.length).map((place) => this.#cell(place))}
      </div>
    );
  }

  #cell(place: number): JSX.Element | null {
    const { parts, row, index, columns, sizes, active } = this.props;
    const column = columns[place];
    const face = column === undefined ? undefined : parts.face(row, column);
    if (column === undefined || !face) return null;
    return (
      <div
        key={parts.columnKey(column)}
        role="gridcell"
        class={`grid-cell ${face.class}`}
        aria-colindex={place + 2}
        aria-label={face.label}
        data-row={index - 1}
        data-column={place + 1}
        style={{ left: `${sizes.rowHead + place * sizes.column}px`, width: `${sizes.column}px` }}
        {...focusProps(active === place + 1)}
      >
        {face.content}
      </div>
    );
  }
}
