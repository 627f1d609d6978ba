import { useMemo } from 'preact/hooks';
import type { BoardRow } from '../../../core/coverage/board.ts';
import type { GridParts } from '../grid/grid-row.tsx';
import { VirtualGrid } from '../grid/virtual-grid.tsx';
import type { Options } from '../routing/route.ts';
import { GroupHead } from './column-head.tsx';
import type { GroupColumn } from './columns.ts';
import { groupCellLabel } from './labels.ts';
import { RowHead } from './row-head.tsx';
import type { Matrix, TalliesOfRow } from './rows.ts';
import { groupSizes } from './sizes.ts';
import { figureOf } from './tally.ts';
import { TallyBar } from './tally-bar.tsx';
import { useSameList } from './use-same-list.ts';

type Props = {
  readonly label: string;
  readonly matrix: Matrix<GroupColumn>;
  readonly tallies: TalliesOfRow;
  /** What the view of a group takes over. */
  readonly options: Options;
  readonly onZoom: (column: GroupColumn, daemonSet: string) => void;
};

/** DaemonSets against groups of nodes. */
export function GroupMatrix({ label, matrix, tallies, options, onZoom }: Props) {
  const columns = useSameList(matrix.columns);
  const parts = useMemo(
    (): GridParts<BoardRow, GroupColumn> => partsOf(tallies, options),
    [tallies, options],
  );
  return (
    <VirtualGrid
      label={label}
      rows={matrix.rows}
      columns={columns}
      parts={parts}
      sizesFor={groupSizes}
      corner="DaemonSet"
      onOpen={({ daemonSet }, column) => onZoom(column, daemonSet)}
    />
  );
}

function partsOf(tallies: TalliesOfRow, options: Options): GridParts<BoardRow, GroupColumn> {
  return {
    rowKey: ({ daemonSet }) => daemonSet,
    columnKey: ({ key }) => key,
    rowHead: (row, focus) => <RowHead row={row} focus={focus} />,
    columnHead: (column, focus, sizes) => (
      <GroupHead column={column} focus={focus} sizes={sizes} options={options} />
    ),
    face: (row, column) => {
      const tally = tallies(row)[column.place];
      if (!tally) return undefined;
      const { text, state } = figureOf(tally);
      return {
        label: groupCellLabel(row.daemonSet, column, tally),
        class: 'group-cell',
        content: (
          <>
            <span class={`figure text-${state}`} aria-hidden="true">
              {text}
            </span>
            <TallyBar tally={tally} />
          </>
        ),
      };
    },
  };
}
