import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../src/cli/up/rollout-view.ts';
import { formatTable, stateOf } from '../../../src/cli/up/table.ts';
import { view } from './views.ts';

describe('stateOf', () => {
  const eligible: NodeView = { name: 'n1', eligible: true, available: false };
  const ineligible: NodeView = { name: 'n1', eligible: false, available: false };

  it.each([
    ['skipped', ineligible],
    ['kept', { ...ineligible, pod: 'p1', phase: 'Running', available: true }],
    ['waiting', eligible],
    ['available', { ...eligible, pod: 'p1', phase: 'Running', available: true }],
    ['Running', { ...eligible, pod: 'p1', phase: 'Running' }],
    ['Failed', { ...eligible, pod: 'p1', phase: 'Failed' }],
    ['Pending', { ...eligible, pod: 'p1' }],
  ])('%s', (state, node) => {
    expect(stateOf(node)).toBe(state);
  });
});

describe('formatTable', () => {
  it('aligns the columns, without spaces at the ends', () => {
    expect(formatTable(view(), false)).toBe(
      [
        'NODE     STATE      POD         WHY',
        'node-1   available  demo-x7k2p',
        'node-2   Pending    demo-b4',
        'node-3   waiting    -',
        'node-10  skipped    -           has the taint dedicated=gpu:NoSchedule, which the pod does not tolerate',
        '',
        'default/demo: desired 3, current 2, ready 1, available 1, updated 2',
        '',
      ].join('\n'),
    );
  });

  it('says the same in colours', () => {
    const coloured = formatTable(view(), true);
    expect(stripVTControlCharacters(coloured)).toBe(formatTable(view(), false));
  });

  it.each([
    ['green', '\u001B[32mavailable\u001B[39m'],
    ['yellow', '\u001B[33mPending\u001B[39m'],
    ['yellow', '\u001B[33mwaiting\u001B[39m'],
    ['dim', '\u001B[2mskipped\u001B[22m'],
  ])('has in %s: %j', (_, cell) => {
    expect(formatTable(view(), true)).toContain(cell);
  });

  it('has a head and the counts where there are no nodes', () => {
    const counts = 'desired 3, current 2, ready 1, available 1, updated 2';
    expect(formatTable(view([]), false)).toBe(`NODE  STATE  POD  WHY\n\ndefault/demo: ${counts}\n`);
  });
});
