import { describe, expect, it } from 'vitest';
import type { IntOrString } from '../../../src/api/meta.ts';
import type { NodeRecord } from '../../../src/api/node.ts';
import type { PodRecord } from '../../../src/api/pod.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { daemonSet, surging } from '../../builders/daemonset.ts';
import { node, nodes, taint } from '../../builders/node.ts';
import { createsOn, deletes, planFor } from '../../builders/plan.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];
/** May keep a pod, gets no new one. */
const staying = (name: string): NodeRecord => node(name, { taints: [taint('gpu:NoSchedule')] });

const oldOn = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(`old-${name}`, { on: name, hash: 'old', ...overrides });
const newOn = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(`new-${name}`, { on: name, age: 60, ...overrides });

function decide(
  pods: readonly PodRecord[],
  maxSurge: IntOrString = 1,
  cluster = nodes(FIVE),
  minReadySeconds = 0,
): Plan {
  const set = daemonSet({ strategy: surging(maxSurge), minReadySeconds });
  return planFor({
    daemonSet: set,
    nodes: cluster,
    pods,
    revisions: [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })],
  });
}

function withOldOnes(...pods: readonly PodRecord[]): readonly PodRecord[] {
  const taken = new Set(pods.map(({ targetNode }) => targetNode));
  return [...pods, ...FIVE.filter((name) => !taken.has(name)).map((name) => oldOn(name))];
}

describe('§5.6 new pods beside available old ones', () => {
  it('at most maxSurge at a time, in order of the nodes', () => {
    const plan = decide(withOldOnes(), 2);
    expect(createsOn(plan)).toEqual(['n1', 'n2']);
    expect(deletes(plan)).toEqual([]);
  });

  it('takes percentages of the eligible nodes, rounded up', () => {
    expect(createsOn(decide(withOldOnes(), '25%'))).toEqual(['n1', 'n2']);
    const cluster = [...nodes(FIVE), staying('n6'), staying('n7'), staying('n8')];
    expect(createsOn(decide(withOldOnes(), '20%', cluster))).toEqual(['n1']);
  });

  it('counts new pods on their way against maxSurge', () => {
    const pods = withOldOnes(oldOn('n1'), newOn('n1', { ready: false }));
    expect(createsOn(decide(pods, 1))).toEqual([]);
    expect(createsOn(decide(pods, 2))).toEqual(['n2']);
  });

  it('waits for minReadySeconds', () => {
    const pods = withOldOnes(oldOn('n1'), newOn('n1', { readyFor: 5 }));
    const plan = decide(pods, 1, nodes(FIVE), 10);
    expect(createsOn(plan)).toEqual([]);
    expect(deletes(plan)).toEqual([]);
    expect(plan.requeueAfterMs).toBe(5000);
  });

  it('takes the old pod away once the new one is available', () => {
    const plan = decide(withOldOnes(oldOn('n1'), newOn('n1')), 1);
    expect(deletes(plan, 'Outdated')).toEqual(['old-n1']);
    expect(createsOn(plan)).toEqual([]);
  });

  it('does nothing where only a new pod is', () => {
    const plan = decide(
      FIVE.map((name) => newOn(name, { ready: false })),
      5,
    );
    expect(createsOn(plan)).toEqual([]);
    expect(deletes(plan)).toEqual([]);
  });
});

describe('§5.6 unavailable old pods', () => {
  it('get their successors at once, beyond maxSurge (TestDaemonSetUpdatesAllOldPodsNotReadyMaxSurge)', () => {
    const pods = FIVE.map((name) => oldOn(name, { ready: false }));
    const plan = decide(pods, 1);
    expect(createsOn(plan)).toEqual(FIVE);
    expect(deletes(plan)).toEqual([]);
  });

  it('do not use up the surge of the available ones', () => {
    expect(createsOn(decide(withOldOnes(oldOn('n3', { ready: false })), 1))).toEqual(['n3', 'n1']);
  });

  it('go as soon as a new pod is there and they are not ready', () => {
    const pods = withOldOnes(oldOn('n1', { ready: false }), newOn('n1', { ready: false }));
    expect(deletes(decide(pods, 1))).toEqual(['old-n1']);
  });

  it('stay beside an unready new pod while they are ready, though not for long enough', () => {
    const pods = withOldOnes(oldOn('n1', { readyFor: 3 }), newOn('n1', { ready: false }));
    expect(deletes(decide(pods, 1, nodes(FIVE), 10))).toEqual([]);
  });
});

describe('§5.6 sunset: nodes that are no longer eligible', () => {
  const cluster = [...nodes(['n1', 'n2']), staying('n8'), staying('n9')];

  it('an unavailable old pod there is deleted', () => {
    const pods = [newOn('n1'), newOn('n2'), newOn('n9'), oldOn('n8', { ready: false })];
    expect(deletes(decide(pods, 1, cluster), 'Outdated')).toEqual(['old-n8']);
  });

  it('available old pods there go only while enough others are available', () => {
    const others = [oldOn('n8'), oldOn('n9')];
    expect(deletes(decide([newOn('n1'), newOn('n2'), ...others], 1, cluster))).toEqual(['old-n8', 'old-n9']);
    expect(deletes(decide([newOn('n1'), newOn('n2', { ready: false }), ...others], 1, cluster))).toEqual([
      'old-n8',
    ]);
    const unready = [newOn('n1', { ready: false }), newOn('n2', { ready: false })];
    expect(deletes(decide([...unready, ...others], 1, cluster))).toEqual([]);
  });

  it('no new pod is made there', () => {
    expect(createsOn(decide([newOn('n1'), newOn('n2'), oldOn('n8')], 5, cluster))).toEqual([]);
  });

  it('an updated pod there stays', () => {
    expect(deletes(decide([newOn('n1'), newOn('n2'), newOn('n8')], 5, cluster))).toEqual([]);
  });
});

describe('§9.1.3 vanished nodes (differs from upstream, which errors)', () => {
  it('stop neither the rollout nor are their pods touched', () => {
    const plan = decide([oldOn('gone'), ...withOldOnes()], 1);
    expect(createsOn(plan)).toEqual(['n1']);
    expect(deletes(plan)).toEqual([]);
  });
});

describe('§0 step 10 the surge waits for manage', () => {
  it('while a pod is missing elsewhere', () => {
    const pods = withOldOnes().filter(({ name }) => name !== 'old-n4');
    expect(createsOn(decide(pods, 3))).toEqual(['n4']);
  });

  it('while duplicates are being deleted', () => {
    const plan = decide([...withOldOnes(), pod('surplus', { on: 'n5', hash: 'old', age: 1 })], 3);
    expect(deletes(plan)).toEqual(['surplus']);
    expect(createsOn(plan)).toEqual([]);
  });
});

describe('§8.1 TestSurgeDealsWithExistingPods', () => {
  it('creates where none is and prunes what is too much: 2/5/0', () => {
    const pods = [
      newOn('n3'),
      ...['a', 'b'].map((name) => pod(name, { on: 'n4' })),
      ...['c', 'd', 'e', 'f', 'g'].map((name) => pod(name, { on: 'n5' })),
    ];
    const plan = decide(pods, 1);
    expect(createsOn(plan)).toEqual(['n1', 'n2']);
    expect(deletes(plan, 'Duplicate')).toEqual(['b', 'd', 'e', 'f', 'g']);
  });
});

describe('§8.1 TestSurgeCreatesNewPodWhenAtMaxSurgeAndOldPodDeleted', () => {
  it('fills a node with only a terminating pod beyond maxSurge', () => {
    const pods = withOldOnes(oldOn('n1'), newOn('n1', { ready: false }), oldOn('n2', { terminating: true }));
    expect(createsOn(decide(pods, 1))).toEqual(['n2']);
  });
});

describe('§5.1 a percentage of no eligible node is no surge', () => {
  it('pods on nodes that may keep them stay', () => {
    const plan = decide([oldOn('n8'), oldOn('n9', { ready: false })], '50%', [staying('n8'), staying('n9')]);
    expect(deletes(plan)).toEqual([]);
    expect(createsOn(plan)).toEqual([]);
  });
});
