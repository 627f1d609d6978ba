import type { BoardRow } from '../../../core/coverage/board.ts';
import type { CellState } from '../../../core/coverage/cell.ts';
import { counted } from '../../../core/admission/list-names.ts';
import { STATES } from '../states.ts';
import { shortLabel } from '../text.ts';
import type { GroupColumn } from './columns.ts';
import { figureOf, spokenTally, type Tally } from './tally.ts';

/** `kube-system/fluentd on node-17: missing: a pod belongs there, and there is none`. */
export function nodeCellLabel(daemonSet: string, node: string, state: CellState): string {
  const { word, meaning } = STATES[state];
  return `${daemonSet} on ${node}: ${word}: ${meaning}`;
}

/** What a group of nodes is called: `zone eu-1a`, `nodes without zone`. */
export function groupTitle({ label, value }: Pick<GroupColumn, 'label' | 'value'>): string {
  return value === '' ? `nodes without ${shortLabel(label)}` : `${shortLabel(label)} ${value}`;
}

/** `kube-system/fluentd in zone eu-1a: 2 missing (2 missing, 248 available)`: begins with what it shows. */
export function groupCellLabel(daemonSet: string, column: GroupColumn, tally: Tally): string {
  return `${daemonSet} in ${groupTitle(column)}: ${figureOf(tally).text} (${spokenTally(tally)})`;
}

export function groupHeadLabel(column: GroupColumn): string {
  const down = column.notReady > 0 ? `, ${column.notReady} not ready` : '';
  return `${groupTitle(column)}: ${counted(column.nodes, 'node')}${down}`;
}

/** Errors and warnings in words; empty for none. */
export function findingsInWords(findings: BoardRow['findings']): string {
  const { error = 0, warning = 0 } = findings ?? {};
  return [error > 0 ? counted(error, 'error') : '', warning > 0 ? counted(warning, 'warning') : '']
    .filter(Boolean)
    .join(', ');
}
