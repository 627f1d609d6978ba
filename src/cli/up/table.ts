import { alignColumns, type Paint, painter } from '../columns.ts';
import type { NodeView, RolloutView } from './rollout-view.ts';

/** The rollout as a table, one line a node and a closing line with the counts. */
export function formatTable(view: RolloutView, colours: boolean): string {
  const paint = painter(colours);
  const rows = view.nodes.map((node) => [
    node.name,
    stateOf(node, paint),
    node.pod ?? '-',
    node.reason ?? '',
  ]);
  const lines = alignColumns([['NODE', 'STATE', 'POD', 'WHY'], ...rows]);
  const counts = `desired ${view.desired}, current ${view.current}, ready ${view.ready}, available ${view.available}, updated ${view.updated}`;
  return `${[...lines, '', `${view.daemonSet}: ${counts}`].join('\n')}\n`;
}

/** One node's state in a word. */
export function stateOf(node: NodeView, paint: Paint = (_, text) => text): string {
  if (!node.eligible) return paint('dim', node.pod ? 'kept' : 'skipped');
  if (!node.pod) return paint('yellow', 'waiting');
  return node.available ? paint('green', 'available') : paint('yellow', node.phase ?? 'Pending');
}
