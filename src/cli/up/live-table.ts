import { textWidth } from '../columns.ts';
import { isInteractive, type Output, type Terminal } from '../terminal.ts';
import type { RolloutView } from './rollout-view.ts';
import { formatTable, stateOf } from './table.ts';

/**
 * Shows a rollout as it goes: on a terminal a table that is redrawn, elsewhere, and where the table would not fit
 * on the screen, a line for every change.
 */
export type LiveTable = { readonly show: (view: RolloutView) => void };

export function createLiveTable(output: Output, env: Terminal['env']): LiveTable {
  return isInteractive(output, env) ? redrawnTable(output) : changeLines(output);
}

function redrawnTable(output: Output): LiveTable {
  let height = 0;
  let last = '';
  const lines = changeLines(output);
  return {
    show: (view) => {
      const table = formatTable(view, true);
      if (table === last) return;
      const needed = screenLines(table, output.columns);
      if (needed >= (output.rows ?? Infinity)) {
        lines.show(view);
        return;
      }
      const up = height > 0 ? `\u001B[${height}A` : '';
      output.write(`${up}\u001B[0J${table}`);
      height = needed;
      last = table;
    },
  };
}

/** Lines of the screen that the text takes, long ones being wrapped. */
function screenLines(text: string, columns = Infinity): number {
  const lines = text.split('\n').slice(0, -1);
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
}

function changeLines(output: Output): LiveTable {
  const shown = new Map<string, string>();
  return {
    show: (view) => {
      for (const node of view.nodes) {
        const line = [node.name, stateOf(node), node.pod ?? '', node.reason ?? ''].filter(Boolean).join('  ');
        if (shown.get(node.name) !== line) output.write(`${line}\n`);
        shown.set(node.name, line);
      }
      const names = new Set(view.nodes.map(({ name }) => name));
      for (const name of [...shown.keys()].filter((name) => !names.has(name))) {
        shown.delete(name);
        output.write(`${name}  gone\n`);
      }
    },
  };
}
