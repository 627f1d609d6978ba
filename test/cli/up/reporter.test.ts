import { describe, expect, it } from 'vitest';
import { upReporter } from '../../../src/cli/up/reporter.ts';
import type { UpFlags } from '../../../src/cli/up/flags.ts';
import { recordingTerminal, type RecordingTerminal } from '../recording-terminal.ts';
import { NODES, view } from './views.ts';

const FLAGS: UpFlags = { nodes: 4, once: true, dashboardPort: 0, logLevel: 'warn' };

/** What people and scripts read while everything is reported once. */
function report(flags: UpFlags, nodes = NODES): RecordingTerminal {
  const terminal = recordingTerminal();
  const reporter = upReporter(flags, terminal);
  reporter.progress({ step: 1, total: 2, name: 'starting etcd', state: 'done', seconds: 3 });
  reporter.note('a note');
  reporter.table.show(view(nodes));
  reporter.done(view(nodes));
  return terminal;
}

const ROWS = [
  'node-1  available  demo-x7k2p',
  'node-2  Pending  demo-b4',
  'node-3  waiting',
  'node-10  skipped  has the taint dedicated=gpu:NoSchedule, which the pod does not tolerate',
];

describe('upReporter', () => {
  it('tells people on stdout, and of long work on stderr', () => {
    const { stdout, stderr } = report(FLAGS);
    expect(stderr.text).toBe('[1/2] starting etcd: done (3 s)\n');
    expect(stdout.text).toBe(
      [
        'a note',
        ...ROWS,
        '',
        'default/demo: 1 of 3 eligible nodes have an available pod; 1 node gets none, for the reason above.',
        '',
        '',
      ].join('\n'),
    );
  });

  it('with -o json writes one line of JSON to stdout, and the rest to stderr', () => {
    const { stdout, stderr } = report({ ...FLAGS, output: 'json' });
    expect(stdout.text).toBe(`${JSON.stringify(view())}\n`);
    expect(stderr.text).toBe(`[1/2] starting etcd: done (3 s)\n${['a note', ...ROWS, ''].join('\n')}`);
  });

  it.each([
    ['all of them get one', NODES.slice(0, 3), 'have an available pod.'],
    ['several get none', [...NODES, ...NODES.slice(3)], '; 2 nodes get none, for the reason above.'],
  ])('counts the nodes without a pod: %s', (_, nodes, expected) => {
    expect(report(FLAGS, nodes).stdout.text).toContain(expected);
  });

  it('begins the table anew after the rollout was complete', () => {
    const terminal = recordingTerminal();
    const reporter = upReporter(FLAGS, terminal);
    reporter.table.show(view());
    terminal.stdout.text = '';
    reporter.later.show(view());
    expect(terminal.stdout.text).toBe([...ROWS, ''].join('\n'));
  });
});
