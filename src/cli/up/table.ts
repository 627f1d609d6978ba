import { stripVTControlCharacters, styleText } from 'node:util';
import type { NodeView, RolloutView } from './rollout-view.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

/** The rollout as a table, one line a node and a closing line with the counts. */
export function formatTable(view: RolloutView, colours: boolean): string {
  const paint: Paint = (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text);
  const rows = view.nodes.map((node) => [
    node.name,
    stateOf(node, paint),
    node.pod ?? '-',
    node.reason ?? '',
  ]);
  const lines = align([['NODE', 'STATE', 'POD', 'WHY'], ...rows]);
  const counts = `desired ${view.desired}, current ${view.current}, ready ${view.ready}, available ${view.available}, updated ${view.updated}`;
  return `${[...lines, '', `${view.daemonSet}: ${counts}`].join('\n')}\n`;
}

/** One node's state in a word. */
export function stateOf(node: NodeView, paint: Paint = (_, text) => text): string {
  if (!node.eligible) return paint('dim', node.pod ? 'kept' : 'skipped');
  if (!node.pod) return paint('yellow', 'waiting');
  return node.available ? paint('green', 'available') : paint('yellow', node.phase ?? 'Pending');
}

function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => textWidth(row[column] ?? '')))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - textWidth(cell)))
      .join('  ')
      .trimEnd(),
  );
}

/** Columns that the text takes on the screen. */
export function textWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}
