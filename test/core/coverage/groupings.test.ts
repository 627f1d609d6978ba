import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeRecord } from '../../../src/api/node.ts';
import { groupingsOf } from '../../../src/core/coverage/groupings.ts';
import { node } from '../../builders/node.ts';

/** Nodes with these labels, in this order. */
function labelled(...all: readonly Readonly<Record<string, string>>[]): readonly NodeRecord[] {
  return all.map((labels, at) => node(`n${at}`, { labels }));
}

const labelsOf = (nodes: readonly NodeRecord[]): readonly string[] =>
  groupingsOf(nodes).map(({ label }) => label);

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

describe('groupingsOf', () => {
  it('sorts the values, and says of each node which one it has', () => {
    const nodes = labelled({ pool: 'b' }, { pool: 'a' }, { pool: 'b' });
    expect(groupingsOf(nodes)).toEqual([{ label: 'pool', values: ['a', 'b'], of: [1, 0, 1] }]);
  });

  it('has the empty value for nodes that lack the label', () => {
    const nodes = labelled({ pool: 'a' }, {}, { pool: 'a' });
    expect(groupingsOf(nodes)).toEqual([{ label: 'pool', values: ['', 'a'], of: [1, 0, 1] }]);
  });

  it('puts the zone first, pools next, the region after them, and all others by name', () => {
    const a = { z: '1', [REGION]: '1', agentpool: '1', 'karpenter.sh/nodepool': '1', [ZONE]: '1', b: '1' };
    const b = { z: '2', [REGION]: '2', agentpool: '2', 'karpenter.sh/nodepool': '2', [ZONE]: '2', b: '2' };
    const order = [ZONE, 'karpenter.sh/nodepool', 'agentpool', REGION, 'b', 'z'];
    expect(labelsOf(labelled(a, b, a))).toEqual(order);
  });

  it('leaves out what tells no nodes apart, and what tells all of them apart', () => {
    const nodes = labelled(
      { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': 'h1', pool: 'a' },
      { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': 'h2', pool: 'a' },
      { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': 'h3', pool: 'b' },
    );
    expect(labelsOf(nodes)).toEqual(['pool']);
  });

  it('leaves out what only one node lacks among names of its own', () => {
    expect(labelsOf(labelled({ host: '1' }, { host: '2' }, {}))).toEqual([]);
  });

  it('takes up to a hundred groups, and the nodes without the label are one of them', () => {
    const grouped = (count: number, ...more: readonly NodeRecord[]): readonly NodeRecord[] => [
      ...Array.from({ length: 2 * count }, (_, at) => node(`n${at}`, { labels: { rack: `r${at % count}` } })),
      ...more,
    ];
    expect(groupingsOf(grouped(100))[0]?.values).toHaveLength(100);
    expect(groupingsOf(grouped(101))).toEqual([]);
    expect(groupingsOf(grouped(99, node('x')))[0]?.values).toHaveLength(100);
    expect(groupingsOf(grouped(100, node('x')))).toEqual([]);
  });

  it('takes a label without a value as one that is not there', () => {
    expect(groupingsOf(labelled({ role: '' }, {}, {}))).toEqual([]);
    expect(groupingsOf(labelled({ role: '' }, {}, { role: 'x' }))).toEqual([
      { label: 'role', values: ['', 'x'], of: [0, 0, 1] },
    ]);
  });

  it('has no groupings without nodes, of one node, of two', () => {
    for (const nodes of [[], labelled({ a: '1' }), labelled({ a: '1' }, { a: '2' })]) {
      expect(groupingsOf(nodes)).toEqual([]);
    }
  });

  it('takes labels for text, whatever JavaScript calls by that name', () => {
    // As they come over the wire, so that `__proto__` is a label like any other.
    const labels = (value: string): Record<string, string> =>
      JSON.parse(`{"__proto__": "${value}", "constructor": "${value}", "a": "${value}"}`) as never;
    const nodes = ['toString', '__proto__', 'toString'].map((value, at) =>
      node(`n${at}`, { labels: labels(value) }),
    );
    expect(groupingsOf(nodes)).toEqual(
      ['__proto__', 'a', 'constructor'].map((label) => ({
        label,
        values: ['__proto__', 'toString'],
        of: [1, 0, 1],
      })),
    );
    expect(groupingsOf([node('n0'), node('n1'), ...nodes])[0]?.of).toEqual([0, 0, 2, 1, 2]);
  });

  it('gives back each label of each node, and always more than one group', () => {
    const text = fc.constantFrom('', 'a', 'b', '__proto__', 'constructor');
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(text, text, { noNullPrototype: true }), { maxLength: 12 }),
        (all) => {
          const nodes = all.map((labels, at) => node(`n${at}`, { labels }));
          for (const { label, values, of } of groupingsOf(nodes)) {
            const given = of.map((place) => values[place]);
            const wanted = nodes.map(
              ({ labels }) => (Object.hasOwn(labels, label) ? labels[label] : undefined) ?? '',
            );
            expect(given).toEqual(wanted);
            expect(values).toEqual([...new Set(wanted)].toSorted());
            expect(values.length).toBeGreaterThan(1);
            expect(values.length).toBeLessThan(nodes.length);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
