import { describe, expect, it } from 'vitest';
import type { IntOrString } from '../../../src/api/meta.ts';
import type { PodRecord } from '../../../src/api/pod.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { podsToReplace } from '../../../src/core/rollout/rolling-update.ts';
import { NOW } from '../../builders/clock.ts';
import { daemonSet, ON_DELETE, rollingUpdate } from '../../builders/daemonset.ts';
import { node, nodes, taint } from '../../builders/node.ts';
import { createsOn, deletes, planFor } from '../../builders/plan.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];

/** The pod of a node, named after it and of the old revision. */
const oldOn = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(`old-${name}`, { on: name, hash: 'old', ...overrides });
const newOn = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(`new-${name}`, { on: name, ...overrides });

function decide(
  pods: readonly PodRecord[],
  maxUnavailable: IntOrString = 1,
  cluster = nodes(FIVE),
  minReadySeconds = 0,
): Plan {
  const set = daemonSet({ strategy: rollingUpdate({ maxUnavailable, maxSurge: 0 }), minReadySeconds });
  return planFor({
    daemonSet: set,
    nodes: cluster,
    pods,
    revisions: [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })],
  });
}

/** The pods of n1 … n5: these, and available old ones elsewhere. */
function withOldOnes(...pods: readonly PodRecord[]): readonly PodRecord[] {
  const taken = new Set(pods.map(({ targetNode }) => targetNode));
  return [...pods, ...FIVE.filter((name) => !taken.has(name)).map((name) => oldOn(name))];
}

describe('§5.5 the budget', () => {
  it('takes as many available old pods as may be unavailable, in order of the nodes', () => {
    expect(deletes(decide(withOldOnes(), 2), 'Outdated')).toEqual(['old-n1', 'old-n2']);
  });

  it('takes percentages of the eligible nodes, rounded up', () => {
    expect(deletes(decide(withOldOnes(), '25%'))).toEqual(['old-n1', 'old-n2']);
    expect(deletes(decide(withOldOnes(), '100%'))).toEqual(withOldOnes().map(({ name }) => name));
  });

  it('takes one even when both limits are 0', () => {
    expect(deletes(decide(withOldOnes(), 0))).toEqual(['old-n1']);
  });

  it('creates nothing itself', () => {
    expect(createsOn(decide(withOldOnes(), 5))).toEqual([]);
  });

  it('leaves pods that are updated', () => {
    expect(
      deletes(
        decide(
          FIVE.map((name) => newOn(name)),
          5,
        ),
      ),
    ).toEqual([]);
  });

  const unavailable: Record<string, readonly PodRecord[]> = {
    'a new pod that is not ready': [newOn('n1', { ready: false })],
    'a new pod that has not been ready for long enough': [newOn('n1', { readyFor: 5 })],
    'a node with only a terminating pod': [oldOn('n1', { terminating: true })],
    'a node with a terminating and an unready new pod': [
      oldOn('n1', { terminating: true }),
      newOn('n1', { ready: false }),
    ],
  };
  it.each(Object.entries(unavailable))('is eaten up by %s', (_, pods) => {
    const everything = withOldOnes(...pods);
    expect(deletes(decide(everything, 1, nodes(FIVE), 10))).toEqual([]);
    expect(deletes(decide(everything, 2, nodes(FIVE), 10))).toEqual(['old-n2']);
  });
});

describe('§5.5 nodes with several pods, which manage would have pruned before', () => {
  const eligibility = { shouldRun: true, shouldContinueRunning: true } as const;
  const replaced = (several: readonly PodRecord[], maxUnavailable: number): readonly string[] =>
    podsToReplace({
      nodes: [
        { node: node('n1'), eligibility, pods: several },
        { node: node('n2'), eligibility, pods: [oldOn('n2')] },
      ],
      revision: { hash: 'new', templateGeneration: undefined },
      since: undefined,
      budget: { maxUnavailable, maxSurge: 0 },
      minReadySeconds: 0,
      now: NOW,
    }).map(({ pod: { name } }) => name);

  const cases: Record<string, readonly PodRecord[]> = {
    'an old and a new one': [oldOn('n1'), newOn('n1')],
    'two old ones': [oldOn('n1'), pod('another', { on: 'n1', hash: 'old' })],
    'two new ones': [newOn('n1'), pod('another', { on: 'n1' })],
  };
  it.each(Object.entries(cases))('%s count as unavailable and are left alone', (_, several) => {
    expect(replaced(several, 1)).toEqual([]);
    expect(replaced(several, 2)).toEqual(['old-n2']);
  });
});

describe('§5.5 old pods that are not available', () => {
  it('are replaced at once, beyond maxUnavailable (TestDaemonSetUpdatesAllOldPodsNotReady)', () => {
    const pods = FIVE.map((name) => oldOn(name, { ready: false }));
    expect(deletes(decide(pods, 3), 'Outdated')).toEqual(pods.map(({ name }) => name));
  });

  it('eat up the budget of the others', () => {
    expect(deletes(decide(withOldOnes(oldOn('n3', { ready: false })), 1))).toEqual(['old-n3']);
    expect(deletes(decide(withOldOnes(oldOn('n3', { ready: false })), 2))).toEqual(['old-n3', 'old-n1']);
  });

  it('go before available ones, which stay when the budget is gone (TestDaemonSetUpdatesSomeOldPodsNotReady)', () => {
    const pods = withOldOnes(newOn('n1', { ready: false }), oldOn('n4', { ready: false }));
    expect(deletes(decide(pods, 2))).toEqual(['old-n4']);
  });

  it('go when ready for less than minReadySeconds', () => {
    const pods = withOldOnes(oldOn('n2', { readyFor: 5 }));
    expect(deletes(decide(pods, 1, nodes(FIVE), 10))).toEqual(['old-n2']);
  });
});

describe('§8.2 TestDaemonSetUpdatesAllOldNotReadyPodsAndNewNotReadyPods', () => {
  it('replaces the 2 unready old pods of 100 and leaves the 10 ready ones', () => {
    const names = Array.from({ length: 100 }, (_, index) => `n${index + 100}`);
    const pods = names.map((name, index) => {
      if (index < 88) return newOn(name, { ready: false });
      return oldOn(name, { ready: index >= 90 });
    });
    expect(deletes(decide(pods, 10, nodes(names)))).toEqual(['old-n188', 'old-n189']);
  });
});

describe('§8.2 TestDaemonSetUpdatesSaveOldHealthyPods', () => {
  const names = Array.from({ length: 20 }, (_, index) => `n${index + 10}`);

  it.each([0, 10])(
    'leaves the 10 healthy old pods while 10 others are unavailable, maxUnavailable %i',
    (limit) => {
      const pods = names.map((name, index) => oldOn(name, { ready: index >= 10 }));
      expect(deletes(decide(pods, limit, nodes(names)))).toEqual(
        names.slice(0, 10).map((name) => `old-${name}`),
      );
    },
  );

  it('takes exactly one healthy pod more when 11 may be unavailable', () => {
    const pods = names.map((name, index) => oldOn(name, { ready: index >= 10 }));
    expect(deletes(decide(pods, 11, nodes(names)))).toEqual(names.slice(0, 11).map((name) => `old-${name}`));
  });
});

describe('§9.1.2 nodes that are not eligible take no part (differs from upstream)', () => {
  const staying = node('n0', { taints: [taint('gpu:NoSchedule')] });

  it('their old pod stays, because it would not be made again', () => {
    expect(deletes(decide([oldOn('n0')], 5, [staying]))).toEqual([]);
    expect(deletes(decide([oldOn('n0', { ready: false })], 5, [staying]))).toEqual([]);
  });

  it('their unavailable pod does not eat up the budget', () => {
    const pods = [oldOn('n0', { ready: false }), ...withOldOnes()];
    expect(deletes(decide(pods, 1, [staying, ...nodes(FIVE)]))).toEqual(['old-n1']);
  });

  it('they are no part of what a percentage is taken of', () => {
    const others = ['n6', 'n7', 'n8'].map((name) => node(name, { taints: staying.taints }));
    expect(deletes(decide(withOldOnes(), '20%', [...nodes(FIVE), ...others]))).toEqual(['old-n1']);
  });
});

describe('§9.1.1 pods of vanished nodes take no part (differs from upstream)', () => {
  it('they are neither deleted nor counted', () => {
    const pods = [oldOn('gone'), oldOn('gone2', { ready: false }), ...withOldOnes()];
    expect(deletes(decide(pods, 1))).toEqual(['old-n1']);
  });
});

describe('§0 step 10 the rollout waits for manage', () => {
  it('while a pod is missing', () => {
    const plan = decide(
      withOldOnes().filter(({ name }) => name !== 'old-n5'),
      5,
    );
    expect(createsOn(plan)).toEqual(['n5']);
    expect(deletes(plan)).toEqual([]);
  });

  it('while a failed pod is being deleted', () => {
    expect(deletes(decide(withOldOnes(newOn('n5', { phase: 'Failed' })), 5))).toEqual(['new-n5']);
  });

  it('while duplicates are being deleted', () => {
    expect(deletes(decide([...withOldOnes(), newOn('n1', { age: 1 })], 5))).toEqual(['new-n1']);
  });

  it('while stranded pods are being deleted', () => {
    expect(deletes(decide([...withOldOnes(), oldOn('gone', { bound: false })], 5))).toEqual(['old-gone']);
  });
});

describe('§5.7 OnDelete', () => {
  const set = daemonSet({ strategy: ON_DELETE });
  const revisions = [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })];

  it('leaves old pods, available or not', () => {
    const pods = withOldOnes(oldOn('n1', { ready: false }));
    expect(deletes(planFor({ daemonSet: set, nodes: nodes(FIVE), pods, revisions }))).toEqual([]);
  });

  it('makes a missing pod from the newest template', () => {
    const plan = planFor({ daemonSet: set, nodes: nodes(['n1']), revisions });
    expect(plan.createPods[0]?.manifest.metadata.labels).toMatchObject({ 'controller-revision-hash': 'new' });
  });

  it('still counts updated pods', () => {
    const pods = withOldOnes(newOn('n1'), newOn('n2'));
    expect(planFor({ daemonSet: set, nodes: nodes(FIVE), pods, revisions }).status).toMatchObject({
      updatedNumberScheduled: 2,
    });
  });

  it('starts the rollout when it becomes RollingUpdate', () => {
    expect(deletes(decide(withOldOnes()))).toEqual(['old-n1']);
  });
});

describe('§5.3 pods updated by generation stay', () => {
  it('although their hash label is another', () => {
    const set = daemonSet({
      annotations: { 'deprecated.daemonset.template.generation': '4' },
      strategy: rollingUpdate({ maxUnavailable: 5, maxSurge: 0 }),
    });
    const pods = [
      oldOn('n1', { templateGeneration: '4' }),
      oldOn('n2', { templateGeneration: '3' }),
      pod('bare', { on: 'n3', hash: null, templateGeneration: '4' }),
    ];
    const plan = planFor({
      daemonSet: set,
      nodes: nodes(['n1', 'n2', 'n3']),
      pods,
      revisions: [revision('new', { of: set })],
    });
    expect(deletes(plan)).toEqual(['old-n2']);
  });
});
