import type { Board } from '../../../core/coverage/board.ts';
import type { Grouping } from '../../../core/coverage/groupings.ts';
import type { Route } from '../routing/route.ts';
import { shortLabel } from '../text.ts';
import type { Column } from './columns.ts';
import type { Matrix } from './rows.ts';

/** Why there is nothing to show; undefined where there is. */
export function emptyMatrix(
  { nodes, daemonSets }: Pick<Board, 'nodes' | 'daemonSets'>,
  { rows, columns }: Matrix<Column>,
  { options }: Pick<Route, 'options'>,
): string | undefined {
  if (daemonSets.length === 0) return 'The cluster has no DaemonSet yet.';
  if (nodes.length === 0) return 'The cluster has no node yet.';
  if (rows.length > 0 && columns.length > 0) return undefined;
  if (options.only === 'unsettled') return 'All that the filter lets through is as it should be.';
  return rows.length === 0 ? 'No DaemonSet has such a name.' : 'No node has such a name.';
}

/** Why there is no group to show, of whose label the grouping is. */
export function emptyGroup(grouping: Grouping | undefined, label: string): string {
  if (grouping) return 'No node is in this group any more.';
  return `Nodes are not grouped by ${shortLabel(label)} any more: all have the same, or nearly each has its own.`;
}
