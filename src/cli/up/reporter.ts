import { formatProgress, type OnProgress } from '../../localcluster/progress.ts';
import type { Terminal } from '../terminal.ts';
import { createLiveTable, type LiveTable } from './live-table.ts';
import type { RolloutView } from './rollout-view.ts';
import type { UpFlags } from './flags.ts';

/** What `up` tells, to people or to scripts. */
export type UpReporter = {
  /** News of long work, on stderr. */
  readonly progress: OnProgress;
  readonly note: (text: string) => void;
  /** The rollout while it is awaited. */
  readonly table: LiveTable;
  /** The rollout after it was complete. */
  readonly later: LiveTable;
  readonly done: (view: RolloutView) => void;
};

/** With `-o json` stdout carries one line, at the end; all else goes to stderr. */
export function upReporter({ output }: UpFlags, { stdout, stderr, env }: Terminal): UpReporter {
  const people = output === 'json' ? stderr : stdout;
  return {
    progress: (progress) => void stderr.write(`${formatProgress(progress)}\n`),
    note: (text) => void people.write(`${text}\n`),
    table: createLiveTable(people, env),
    later: createLiveTable(people, env),
    done: (view) => {
      if (output === 'json') stdout.write(`${JSON.stringify(view)}\n`);
      else people.write(`\n${summary(view)}\n`);
    },
  };
}

function summary({ daemonSet, desired, available, nodes }: RolloutView): string {
  const skipped = nodes.length - desired;
  const others =
    skipped === 0
      ? ''
      : `; ${skipped} ${skipped === 1 ? 'node gets' : 'nodes get'} none, for the reason above`;
  return `${daemonSet}: ${available} of ${desired} eligible nodes have an available pod${others}.\n`;
}
