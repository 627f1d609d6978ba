import { useMemo, useRef } from 'preact/hooks';
import { counted } from '../../../core/admission/list-names.ts';
import type { Board, BoardRow } from '../../../core/coverage/board.ts';
import { chosenGrouping } from '../matrix/columns.ts';
import { nodeCellLabel } from '../matrix/labels.ts';
import { stateAt } from '../matrix/rows.ts';
import type { GridParts } from '../grid/grid-row.tsx';
import { useExtent } from '../grid/use-extent.ts';
import type { Sizes } from '../grid/use-spans.ts';
import { VirtualGrid } from '../grid/virtual-grid.tsx';
import { StateTile } from '../state-tile.tsx';
import { CutName } from '../cut-name.tsx';
import { shortLabel } from '../text.ts';
import { type MapRow, mapRows } from './map.ts';

const CELL = 26;
const HEAD = 140;
/** Characters of a group that fit beside its line. */
const FITS = 18;

type Props = {
  readonly board: Board;
  readonly row: BoardRow;
  readonly onExplain: (node: string) => void;
};

/** One DaemonSet on every node, in lines by group. */
export function NodeMap({ board, row, onExplain }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useExtent(frame);
  const { nodes, groupings } = board;
  const grouping = chosenGrouping(board, groupings[0]?.label);
  const fits = Math.max(1, Math.floor((width - HEAD - CELL) / CELL));
  const rows = useMemo(() => mapRows({ nodes }, grouping, fits), [nodes, grouping, fits]);
  const columns = useMemo(
    () =>
      Array.from(
        { length: Math.min(fits, Math.max(...rows.map(({ places }) => places.length), 0)) },
        (_, at) => at,
      ),
    [rows, fits],
  );
  const parts = useMemo(
    (): GridParts<MapRow, number> => partsOf(board, row),
    [nodes, row.cells, row.daemonSet],
  );
  const lines = Math.min(rows.length, 14);
  return (
    <div ref={frame} class="node-map" style={{ height: `${lines * CELL + 28}px` }}>
      {width > 0 && (
        <VirtualGrid
          label={`${row.daemonSet} on every node`}
          rows={rows}
          columns={columns}
          parts={parts}
          sizesFor={mapSizes}
          corner={grouping ? shortLabel(grouping.label) : 'nodes'}
          onOpen={({ places }, column) => {
            const node = nodes[places[column] ?? -1];
            if (node) onExplain(node.name);
          }}
        />
      )}
    </div>
  );
}

function mapSizes(): Sizes {
  return { row: CELL, column: CELL, rowHead: HEAD, columnHead: 24 };
}

function partsOf({ nodes }: Board, row: BoardRow): GridParts<MapRow, number> {
  return {
    rowKey: ({ key }) => key,
    columnKey: String,
    rowHead: (row, focus) => (
      <span class="map-head" title={row.value} {...focus}>
        <MapHead row={row} />
      </span>
    ),
    columnHead: (column, focus) => (
      <span class="map-column" {...focus}>
        <span class="unseen">column {column + 1}</span>
      </span>
    ),
    face: ({ places }, column) => {
      const place = places[column];
      const node = place === undefined ? undefined : nodes[place];
      if (place === undefined || !node) return undefined;
      const state = stateAt(row, place);
      return {
        label: nodeCellLabel(row.daemonSet, node.name, state),
        class: 'node-cell',
        content: <StateTile state={state} />,
      };
    },
  };
}

/** The group at its first line; lines that go on with it say so to those who do not see that. */
function MapHead({ row: { value, line, size } }: { readonly row: MapRow }) {
  const name = value === '' ? 'none' : (value ?? 'nodes');
  if (line > 1 || value === undefined) {
    return (
      <span class="unseen">
        {name}, line {line}
      </span>
    );
  }
  return (
    <>
      <CutName name={name} most={FITS} />
      <span class="unseen">: {counted(size, 'node')}</span>
    </>
  );
}
