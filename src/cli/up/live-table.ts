import { redrawing } from '../redraw.ts';
import { hasColours, isInteractive, type Output, type Terminal } from '../terminal.ts';
import type { RolloutView } from './rollout-view.ts';
import { formatTable, stateOf } from './table.ts';

/**
 * Shows a rollout as it goes: on a terminal a table that is redrawn, elsewhere, and where the table would not fit
 * on the screen, a line for every change.
 */
export type LiveTable = { readonly show: (view: RolloutView) => void };

export function createLiveTable(output: Output, env: Terminal['env']): LiveTable {
  return isInteractive(output, env) ? redrawnTable(output, hasColours(output, env)) : changeLines(output);
}

function redrawnTable(output: Output, colours: boolean): LiveTable {
  const redraw = redrawing(output);
  const lines = changeLines(output);
  return {
    show: (view) => {
      if (!redraw(formatTable(view, colours))) lines.show(view);
    },
  };
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
