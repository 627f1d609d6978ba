import { describe, expect, it } from 'vitest';
import type { DaemonSetCondition, DaemonSetUpdateStrategy } from '../../../src/api/daemonset.ts';
import type { NodeRecord } from '../../../src/api/node.ts';
import type { PodRecord } from '../../../src/api/pod.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import { NOW, secondsAgo } from '../../builders/clock.ts';
import { daemonSet, ON_DELETE, rollingUpdate, surging } from '../../builders/daemonset.ts';
import { node, nodeNames, nodes, taint } from '../../builders/node.ts';
import { planFor, STRICT } from '../../builders/plan.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

const oldOn = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(`old-${name}`, { on: name, hash: 'old', ...overrides });
const newOn = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(`new-${name}`, { on: name, ...overrides });
const troubledOn = (name: string, trouble: string): PodRecord => ({
  ...newOn(name, { ready: false }),
  trouble,
});

type Situation = {
  readonly nodes?: readonly NodeRecord[];
  readonly pods: readonly PodRecord[];
  readonly strategy?: DaemonSetUpdateStrategy;
  readonly stored?: readonly DaemonSetCondition[];
};

function written(situation: Situation, policy = DEFAULT_POLICY): readonly DaemonSetCondition[] | undefined {
  const { nodes: all = nodes(['n1', 'n2', 'n3']), pods, stored = [] } = situation;
  const set = daemonSet({
    strategy: situation.strategy ?? rollingUpdate({ maxUnavailable: 1 }),
    status: { conditions: stored },
  });
  const revisions = [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })];
  return planFor({ daemonSet: set, nodes: all, pods, revisions }, NOW, policy).status?.conditions;
}

/** `True MinimumNodesAvailable: 3 of 3 …` */
function said(situation: Situation, type: 'Available' | 'Progressing'): string {
  const condition = written(situation)?.find((each) => each.type === type);
  return `${condition?.status} ${condition?.reason}: ${condition?.message}`;
}

const served = [newOn('n1'), newOn('n2'), newOn('n3')];

describe('Available', () => {
  it.each<[string, Situation, string]>([
    [
      'all nodes are served',
      { pods: served },
      'True MinimumNodesAvailable: 3 of 3 eligible nodes have an available pod',
    ],
    [
      'as many are missing as may be',
      { pods: [newOn('n1'), newOn('n2')] },
      'True MinimumNodesAvailable: 2 of 3 eligible nodes have an available pod',
    ],
    [
      'more are missing',
      { pods: [newOn('n1')] },
      'False NodesUnavailable: 1 of 3 eligible nodes have an available pod',
    ],
    [
      'none may be missing during a surge',
      { pods: [newOn('n1'), newOn('n2')], strategy: surging(1) },
      'False NodesUnavailable: 2 of 3 eligible nodes have an available pod',
    ],
    [
      'none may be missing with OnDelete',
      { pods: [newOn('n1'), newOn('n2')], strategy: ON_DELETE },
      'False NodesUnavailable: 2 of 3 eligible nodes have an available pod',
    ],
    [
      'no node is eligible',
      { nodes: [node('n1', { taints: [taint('gpu:NoSchedule')] })], pods: [] },
      'True NoEligibleNodes: no node is eligible',
    ],
  ])('when %s', (_, situation, expected) => {
    expect(said(situation, 'Available')).toBe(expected);
  });

  it('names the troubles, the most frequent first, each with its first nodes', () => {
    const names = nodeNames(7);
    const pods = [
      troubledOn('n001', 'CrashLoopBackOff'),
      ...['n002', 'n003', 'n004', 'n005'].map((name) => troubledOn(name, 'ImagePullBackOff')),
      newOn('n006'),
    ];
    const all = [...nodes(names.slice(0, 6)), node('n007', { notReadySince: secondsAgo(9) })];
    expect(said({ nodes: all, pods }, 'Available')).toBe(
      'False NodesUnavailable: 1 of 7 eligible nodes have an available pod; ' +
        '4 nodes: ImagePullBackOff (n002, n003, n004, and 1 more); ' +
        '1 node: CrashLoopBackOff (n001); 1 node: NodeNotReady (n007)',
    );
  });
});

describe('Progressing', () => {
  const rollingOut = [newOn('n1'), newOn('n2', { ready: false }), oldOn('n3')];
  it.each<[string, Situation, string]>([
    [
      'the rollout is complete',
      { pods: served },
      'True RolloutComplete: 3 of 3 eligible nodes have a pod of the current revision',
    ],
    [
      'it moves',
      { pods: rollingOut },
      'True RolloutInProgress: 2 of 3 eligible nodes have a pod of the current revision',
    ],
    [
      'pods are being made',
      { pods: [] },
      'True RolloutInProgress: 0 of 3 eligible nodes have a pod of the current revision',
    ],
    [
      'only a person can move it',
      { pods: [newOn('n1'), troubledOn('n2', 'ImagePullBackOff'), oldOn('n3')] },
      'False NodesInTrouble: 2 of 3 eligible nodes have a pod of the current revision; 1 node: ImagePullBackOff (n2)',
    ],
    [
      'another node may still come',
      { pods: [newOn('n1', { ready: false }), troubledOn('n2', 'ImagePullBackOff'), oldOn('n3')] },
      'True RolloutInProgress: 2 of 3 eligible nodes have a pod of the current revision',
    ],
    [
      'the budget allows more',
      {
        pods: [newOn('n1'), troubledOn('n2', 'X'), oldOn('n3')],
        strategy: rollingUpdate({ maxUnavailable: 2 }),
      },
      'True RolloutInProgress: 2 of 3 eligible nodes have a pod of the current revision',
    ],
    [
      'OnDelete waits',
      { pods: [newOn('n1'), newOn('n2'), oldOn('n3')], strategy: ON_DELETE },
      'Unknown OnDelete: 2 of 3 eligible nodes have a pod of the current revision; the others wait to be deleted',
    ],
  ])('when %s', (_, situation, expected) => {
    expect(said(situation, 'Progressing')).toBe(expected);
  });
});

describe('what is written', () => {
  const first = written({ pods: served }) ?? [];

  it('carries the time of the change, in seconds', () => {
    expect(first.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      '2026-01-15T12:00:00Z',
      '2026-01-15T12:00:00Z',
    ]);
  });

  it('is nothing while it says the same, and nothing but ours', () => {
    const foreign = { type: 'Foreign', status: 'True' } as const;
    expect(written({ pods: served, stored: [foreign, ...first] })).toBeUndefined();
    expect(written({ pods: served, stored: [foreign] })?.map(({ type }) => type)).toEqual([
      'Available',
      'Progressing',
    ]);
  });

  it('keeps the time while the status stays and only the message changes', () => {
    const stored = first.map((condition) => ({ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }));
    const [available, progressing] = written({ pods: [newOn('n1'), newOn('n2')], stored }) ?? [];
    expect(available).toMatchObject({ status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' });
    expect(progressing).toMatchObject({ status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' });
    const [unavailable] = written({ pods: [], stored }) ?? [];
    expect(unavailable).toMatchObject({ status: 'False', lastTransitionTime: '2026-01-15T12:00:00Z' });
  });

  it('is nothing at all where upstream is followed to the letter', () => {
    expect(written({ pods: [] }, STRICT)).toBeUndefined();
  });
});
