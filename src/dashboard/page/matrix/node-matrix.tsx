import type { BoardRow } from '../../../core/coverage/board.ts';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { GridParts } from '../grid/grid-row.tsx';
import { VirtualGrid } from '../grid/virtual-grid.tsx';
import { StateTile } from '../state-tile.tsx';
import { isUnsettled } from '../states.ts';
import { headLength, NodeHead } from './column-head.tsx';
import type { NodeColumn } from './columns.ts';
import { nodeCellLabel } from './labels.ts';
import { RowHead } from './row-head.tsx';
import { type Matrix, stateAt } from './rows.ts';
import { nodeSizes } from './sizes.ts';
import { withoutSharedDomain } from '../text.ts';
import { useSameList } from './use-same-list.ts';

type Props = {
  readonly label: string;
  readonly matrix: Matrix<NodeColumn>;
  readonly onExplain: (daemonSet: string, node: string) => void;
  /** The DaemonSet to begin at, at the first node that is not as it should be. */
  readonly at: string | undefined;
  /** It has begun there. */
  readonly onBegun: () => void;
};

function partsOf(short: (name: string) => string): GridParts<BoardRow, NodeColumn> {
  return {
    rowKey: ({ daemonSet }) => daemonSet,
    columnKey: ({ key }) => key,
    rowHead: (row, focus) => <RowHead row={row} focus={focus} />,
    columnHead: (column, focus, sizes) => (
      <NodeHead column={column} name={short(column.key)} focus={focus} sizes={sizes} />
    ),
    face: (row, { node, place }) => {
      const state = stateAt(row, place);
      return {
        label: nodeCellLabel(row.daemonSet, node.name, state),
        class: 'node-cell',
        content: <StateTile state={state} />,
      };
    },
  };
}

/** DaemonSets against nodes. */
export function NodeMatrix({ label, matrix, onExplain, at, onBegun }: Props) {
  const columns = useSameList(matrix.columns);
  const { parts, sizesFor } = useMemo(() => {
    const short = withoutSharedDomain(columns.map(({ key }) => key));
    const longest = Math.max(0, ...columns.map((column) => headLength(column, short(column.key))));
    return {
      parts: partsOf(short),
      sizesFor: (width: number, count: number) => nodeSizes(width, count, longest),
    };
  }, [columns]);
  const row = matrix.rows.find(({ daemonSet }) => daemonSet === at);
  const [start] = useState(() => {
    if (!row) return undefined;
    const first = columns.find(({ place }) => isUnsettled(stateAt(row, place)));
    return { row: row.daemonSet, column: first?.key };
  });
  useEffect(onBegun, []);
  return (
    <VirtualGrid
      label={label}
      rows={matrix.rows}
      columns={columns}
      parts={parts}
      sizesFor={sizesFor}
      corner="DaemonSet"
      onOpen={({ daemonSet }, { node }) => onExplain(daemonSet, node.name)}
      {...(start && { start })}
    />
  );
}
