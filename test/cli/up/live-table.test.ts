import { describe, expect, it } from 'vitest';
import { createLiveTable } from '../../../src/cli/up/live-table.ts';
import type { NodeView } from '../../../src/cli/up/rollout-view.ts';
import { formatTable } from '../../../src/cli/up/table.ts';
import { RecordingOutput } from '../recording-terminal.ts';
import { NODES, view } from './views.ts';

const TERMINAL = { TERM: 'xterm' };

/** The same nodes, with one that has moved on. */
function later(name: string, changes: Partial<NodeView>): readonly NodeView[] {
  return NODES.map((node) => (node.name === name ? { ...node, ...changes } : node));
}

describe('on a terminal', () => {
  it('draws the table, and draws it again over itself when it changed', () => {
    const output = new RecordingOutput({ isTTY: true });
    const table = createLiveTable(output, TERMINAL);
    const [first, second] = [view(), view(later('node-2', { available: true, phase: 'Running' }))];
    table.show(first);
    expect(output.text).toBe(`\r\u001B[0J${formatTable(first, true)}`);

    output.text = '';
    table.show(second);
    // Head, four nodes, an empty line and the counts.
    expect(output.text).toBe(`\r\u001B[7A\u001B[0J${formatTable(second, true)}`);
  });

  it('goes up by as many lines as it drew the last time', () => {
    const output = new RecordingOutput({ isTTY: true });
    const table = createLiveTable(output, TERMINAL);
    table.show(view());
    table.show(view(NODES.slice(0, 1)));
    output.text = '';
    table.show(view());
    expect(output.text.startsWith('\r\u001B[4A')).toBe(true);
  });

  it('draws without colours where they are not wanted', () => {
    const output = new RecordingOutput({ isTTY: true });
    createLiveTable(output, { ...TERMINAL, NO_COLOR: '1' }).show(view());
    expect(output.text).toBe(`\r\u001B[0J${formatTable(view(), false)}`);
  });

  it('draws nothing while nothing changes', () => {
    const output = new RecordingOutput({ isTTY: true });
    const table = createLiveTable(output, TERMINAL);
    table.show(view());
    output.text = '';
    table.show(view());
    expect(output.text).toBe('');
  });
});

describe('elsewhere', () => {
  it.each([
    ['in a pipe', new RecordingOutput(), TERMINAL],
    ['on a dumb terminal', new RecordingOutput({ isTTY: true }), { TERM: 'dumb' }],
  ])('%s, writes a line for every node', (_, output, env) => {
    createLiveTable(output, env).show(view());
    expect(output.text).toBe(
      [
        'node-1  available  demo-x7k2p',
        'node-2  Pending  demo-b4',
        'node-3  waiting',
        'node-10  skipped  has the taint dedicated=gpu:NoSchedule, which the pod does not tolerate',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['another state', later('node-2', { available: true }), 'node-2  available  demo-b4\n'],
    ['another pod', later('node-1', { pod: 'demo-new' }), 'node-1  available  demo-new\n'],
    ['nothing new', NODES, ''],
    ['a new node', [...NODES, { name: 'node-11', eligible: true, available: false }], 'node-11  waiting\n'],
  ])('then writes what changed: %s', (_, nodes, expected) => {
    const output = new RecordingOutput();
    const table = createLiveTable(output, TERMINAL);
    table.show(view());
    output.text = '';
    table.show(view(nodes));
    expect(output.text).toBe(expected);
  });

  it('writes that a node is gone, and that it is back', () => {
    const output = new RecordingOutput();
    const table = createLiveTable(output, TERMINAL);
    table.show(view());
    table.show(view(NODES.slice(1)));
    output.text = '';
    table.show(view());
    expect(output.text).toBe('node-1  available  demo-x7k2p\n');
  });
});

describe('on a terminal that is too small for the table', () => {
  it('it writes what changed, and redraws nothing', () => {
    const output = Object.assign(new RecordingOutput(), { isTTY: true, columns: 80, rows: 3 });
    createLiveTable(output, TERMINAL).show(view());
    expect(output.text).not.toContain('\u001B[');
    expect(output.text).toContain('node-1  available  demo-x7k2p\n');
  });

  it('lines that wrap are counted as the screen shows them', () => {
    const output = Object.assign(new RecordingOutput(), { isTTY: true, columns: 10, rows: 1_000 });
    const table = createLiveTable(output, TERMINAL);
    table.show(view());
    const drawn = output.text.split('\n').length - 1;
    table.show(view([...NODES, { name: 'node-11', eligible: true, available: false }]));
    const up = Number(/\[(\d+)A/.exec(output.text)?.[1]);
    expect(up).toBeGreaterThan(drawn);
  });
});
