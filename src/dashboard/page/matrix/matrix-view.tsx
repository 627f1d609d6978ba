import { useMemo } from 'preact/hooks';
import type { Board } from '../../../core/coverage/board.ts';
import type { Grouping } from '../../../core/coverage/groupings.ts';
import { counted } from '../../../core/admission/list-names.ts';
import { type Route, withOptions } from '../routing/route.ts';
import { goTo } from '../routing/use-route.ts';
import { groupColumns, nodeColumns } from './columns.ts';
import { emptyMatrix } from './empty-matrix.ts';
import { GroupMatrix } from './group-matrix.tsx';
import { Legend } from './legend.tsx';
import { NodeMatrix } from './node-matrix.tsx';
import { countedOnce, filterGroups, filterNodes, type RowFilter, tallyShown } from './rows.ts';
import { sumOf } from './tally.ts';
import { useSameList } from './use-same-list.ts';

type Props = {
  readonly board: Board;
  readonly route: Route;
  readonly label: string;
};

function filterOf({ options }: Route): RowFilter {
  return { text: options.daemonSets ?? '', onlyUnsettled: options.only === 'unsettled' };
}

/** A column for each node, of one group where one is given. */
export function NodesView({
  board,
  route,
  label,
  group,
}: Props & { readonly group?: { readonly grouping: Grouping; readonly value: string } }) {
  const { nodes = '', at } = route.options;
  const columns = useMemo(
    () => nodeColumns(board.nodes, nodes, group),
    [board.nodes, nodes, group?.grouping, group?.value],
  );
  const matrix = filterNodes(board.daemonSets, columns, filterOf(route));
  const shown = useSameList(matrix.columns);
  const tallies = useMemo(() => {
    const of = board.nodes.map(() => -1);
    for (const { place } of shown) of[place] = 0;
    return countedOnce({ of, groups: 1 });
  }, [shown]);
  const explain = (daemonSet: string, node: string): void =>
    goTo(withOptions(route, { explain: `${daemonSet}@${node}` }));
  const empty = emptyMatrix(board, matrix, route);
  if (empty) return <p class="empty">{empty}</p>;
  return (
    <>
      <Counts
        daemonSets={matrix.rows.length}
        columns={counted(matrix.columns.length, 'node')}
        route={route}
      />
      <NodeMatrix
        // A new group is a new matrix: it begins at its first row.
        key={group ? `${group.grouping.label}=${group.value}` : ''}
        label={label}
        matrix={matrix}
        onExplain={explain}
        at={at}
        onBegun={() => {
          // Who comes back later comes back to where they were.
          if (at !== undefined) goTo(withOptions(route, { at: undefined }), 'replace');
        }}
      />
      <Legend tally={sumOf(matrix.rows.flatMap((row) => tallies(row)))} />
    </>
  );
}

/** A column for each group of nodes. */
export function GroupsView({ board, route, label, grouping }: Props & { readonly grouping: Grouping }) {
  const { nodes = '', daemonSets, only } = route.options;
  const { columns, of } = useMemo(
    () => groupColumns(board.nodes, grouping, nodes),
    [board.nodes, grouping, nodes],
  );
  const tallies = useMemo(() => countedOnce({ of, groups: grouping.values.length }), [of, grouping]);
  const kept = useMemo(
    () => withOptions({ view: 'overview', options: {} }, { daemonSets, nodes, only }).options,
    [daemonSets, nodes, only],
  );
  const matrix = filterGroups(board.daemonSets, columns, tallies, filterOf(route));
  const empty = emptyMatrix(board, matrix, route);
  if (empty) return <p class="empty">{empty}</p>;
  return (
    <>
      <Counts
        daemonSets={matrix.rows.length}
        columns={counted(matrix.columns.length, 'group')}
        route={route}
      />
      <GroupMatrix
        key={grouping.label}
        label={label}
        matrix={matrix}
        tallies={tallies}
        options={kept}
        onZoom={({ label, value }, at) => goTo({ view: 'group', label, value, options: { ...kept, at } })}
      />
      <Legend tally={tallyShown(matrix, tallies)} />
    </>
  );
}

type CountsProps = {
  readonly daemonSets: number;
  readonly columns: string;
  readonly route: Route;
};

/** Told when a filter changes them; not while nodes come to be as they should be, one after the other. */
function Counts({ daemonSets, columns, route }: CountsProps) {
  return (
    <p class="counts" role="status" aria-live={route.options.only === undefined ? 'polite' : 'off'}>
      {counted(daemonSets, 'DaemonSet')} × {columns}
    </p>
  );
}
