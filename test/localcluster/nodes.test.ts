import { describe, expect, it } from 'vitest';
import {
  defaultNodes,
  KWOK_NODE_ANNOTATION,
  lateNodes,
  nodeManifest,
  type RawNode,
} from '../../src/localcluster/nodes.ts';

describe('defaultNodes', () => {
  it('of five: a tainted master, a cordoned one, one with an SSD, two plain', () => {
    expect(defaultNodes(5)).toEqual([
      {
        name: 'node-1',
        labels: { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/master': '' },
        taints: [{ key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' }],
      },
      { name: 'node-2', unschedulable: true },
      { name: 'node-3', labels: { disktype: 'ssd' } },
      { name: 'node-4' },
      { name: 'node-5' },
    ]);
  });

  it.each([0, 1, 2])('of %i: plain ones only, so that pods have somewhere to run', (count) => {
    expect(defaultNodes(count)).toEqual(['node-1', 'node-2'].slice(0, count).map((name) => ({ name })));
  });

  it('of three: one of them takes any pod', () => {
    expect(defaultNodes(3).map(({ taints, unschedulable }) => !taints && !unschedulable)).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe('nodeManifest', () => {
  it('is what a kubelet registers, managed by KWOK', () => {
    const taints = [{ key: 'dedicated', value: 'gpu', effect: 'NoExecute' }] as const;
    const node = nodeManifest({ name: 'a', labels: { zone: 'x' }, taints, unschedulable: true }, 0);
    expect(node).toMatchObject({
      kind: 'Node',
      metadata: {
        name: 'a',
        labels: { 'kubernetes.io/hostname': 'a', 'kubernetes.io/os': 'linux', zone: 'x' },
        annotations: { [KWOK_NODE_ANNOTATION]: 'fake' },
      },
      spec: { taints, unschedulable: true },
      status: {
        allocatable: { pods: '250' },
        addresses: [
          { type: 'InternalIP', address: '172.16.0.1' },
          { type: 'Hostname', address: 'a' },
        ],
        nodeInfo: { kubeletVersion: expect.stringMatching(/^v\d+\.\d+\.\d+$/) },
      },
    });
  });

  it('gives every node an address of its own', () => {
    const addresses = Array.from({ length: 70_000 }, (_, index) => {
      const { status } = nodeManifest({ name: 'n' }, index) as {
        status: { addresses: { address: string }[] };
      };
      return status.addresses[0]?.address;
    });
    expect(new Set(addresses).size).toBe(70_000);
    expect(addresses.at(-1)).toBe('172.17.17.112');
  });
});

const node = (name: string, ready: string, taints: readonly string[] = []): RawNode => ({
  metadata: { name },
  spec: { taints: taints.map((key) => ({ key })) },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

describe('lateNodes', () => {
  const cases: Record<string, { readonly existing: readonly RawNode[]; readonly late: readonly string[] }> = {
    'a ready node is not late': { existing: [node('a', 'True')], late: [] },
    'a node that is not there is late': { existing: [node('b', 'True')], late: ['a'] },
    'a node without conditions is late': {
      existing: [{ metadata: { name: 'a' }, spec: {}, status: {} }],
      late: ['a'],
    },
    'a node that is not ready is late': { existing: [node('a', 'False')], late: ['a'] },
    'a ready node with the taint of a new one is late': {
      existing: [node('a', 'True', ['node.kubernetes.io/not-ready'])],
      late: ['a'],
    },
    'other taints do not matter': { existing: [node('a', 'True', ['dedicated'])], late: [] },
  };
  it.each(Object.entries(cases))('%s', (_, { existing, late }) => {
    expect(lateNodes([{ name: 'a' }], existing)).toEqual(late);
  });
});
