import { describe, expect, it } from 'vitest';
import type { NodeRecord } from '../../src/api/node.ts';
import type { PodRecord } from '../../src/api/pod.ts';
import type { Change } from '../../src/kube/informer.ts';
import { keysForNode, keysForNodeUpstream } from '../../src/cache/triggers.ts';
import { node, taint } from '../builders/node.ts';
import { pod, type PodOverrides } from '../builders/pod.ts';
import { daemonSetNamed } from '../syncloop/objects.ts';
import { lookupIn } from './trigger-lookup.ts';

const podSpec = { nodeSelector: { zone: 'a' } };
const demo = daemonSetNamed('demo', {}, { podSpec });
const misscheduled = daemonSetNamed('demo', {}, { podSpec, status: { numberMisscheduled: 1 } });

const n1 = (zone: string, ...taints: readonly string[]): NodeRecord =>
  node('n1', { labels: { zone }, taints: taints.map(taint) });
const update = (old: NodeRecord, after: NodeRecord): Change<NodeRecord> => ({
  type: 'update',
  old,
  new: after,
});
const podThere = (overrides: PodOverrides = {}): PodRecord => pod('p1', { on: 'n1', ...overrides });

type Case = {
  readonly change: Change<NodeRecord>;
  readonly pods?: readonly PodRecord[];
  readonly of?: typeof demo;
  readonly concerned: boolean;
};

describe('§2.4 the DaemonSets that a node concerns, as upstream has it', () => {
  const cases: Record<string, Case> = {
    'a new node that should run a pod': { change: { type: 'add', new: n1('a') }, concerned: true },
    'a new node that should not': { change: { type: 'add', new: n1('b') }, concerned: false },
    'a new node that should run the pod it has': {
      change: { type: 'add', new: n1('a') },
      pods: [podThere()],
      concerned: false,
    },
    'a node that may no longer keep its pod': {
      change: update(n1('a'), n1('b')),
      pods: [podThere()],
      concerned: true,
    },
    'a node that has a pod, while some are misscheduled': {
      change: update(n1('a', 'x:NoSchedule'), n1('a')),
      pods: [podThere()],
      of: misscheduled,
      concerned: true,
    },
    'a node without a pod, while some are misscheduled': {
      change: update(n1('a'), n1('b')),
      of: misscheduled,
      concerned: false,
    },
    'a node with the pod of somebody else, which should run ours': {
      change: update(n1('b'), n1('a')),
      pods: [podThere({ owner: 'other' })],
      concerned: true,
    },
    'a node of which neither labels nor taints changed': {
      change: update(n1('a'), { ...n1('a'), resourceVersion: '2' }),
      concerned: false,
    },
  };

  it.each(Object.entries(cases))('%s', (_, { change, pods, of = demo, concerned }) => {
    expect(keysForNodeUpstream(change, lookupIn([of], pods))).toEqual(concerned ? ['default/demo'] : []);
  });
});

describe('§2.4 what upstream notices late, and we at once', () => {
  const cases: Record<string, Omit<Case, 'concerned'>> = {
    'a node that is gone': { change: { type: 'delete', old: n1('a') }, pods: [podThere()] },
    'a new NoSchedule taint on a node that has a pod': {
      change: update(n1('a'), n1('a', 'x:NoSchedule')),
      pods: [podThere()],
    },
    'a node that no longer matches, whose pod is not scheduled yet': {
      change: update(n1('a'), n1('b')),
      pods: [podThere({ bound: false })],
    },
    'a node that no longer matches and has no pod': { change: update(n1('a'), n1('b')) },
  };

  it.each(Object.entries(cases))('%s', (_, { change, pods }) => {
    const lookup = lookupIn([demo], pods);
    expect(keysForNodeUpstream(change, lookup)).toEqual([]);
    expect(keysForNode(change, lookup)).toEqual(['default/demo']);
  });
});
