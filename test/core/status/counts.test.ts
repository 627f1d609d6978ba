import { describe, expect, it } from 'vitest';
import type { DaemonSetCounts, DaemonSetStatus } from '../../../src/api/daemonset.ts';
import type { NodeRecord } from '../../../src/api/node.ts';
import type { PodRecord } from '../../../src/api/pod.ts';
import { daemonSet, surging } from '../../builders/daemonset.ts';
import { node, taint } from '../../builders/node.ts';
import { planFor } from '../../builders/plan.ts';
import { pod } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

const n1 = node('n1');
const staying = node('n1', { taints: [taint('gpu:NoSchedule')] });
const NOTHING: DaemonSetCounts = {
  desiredNumberScheduled: 0,
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  numberReady: 0,
  updatedNumberScheduled: 0,
  numberAvailable: 0,
  numberUnavailable: 0,
};
const MISSING: DaemonSetCounts = { ...NOTHING, desiredNumberScheduled: 1, numberUnavailable: 1 };
const THERE: DaemonSetCounts = { ...MISSING, currentNumberScheduled: 1 };
const SERVED: DaemonSetCounts = {
  ...THERE,
  numberReady: 1,
  updatedNumberScheduled: 1,
  numberAvailable: 1,
  numberUnavailable: 0,
};

const set = daemonSet({ minReadySeconds: 10, strategy: surging(1), generation: 3 });
const revisions = [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })];

function statusOf(
  nodes: readonly NodeRecord[],
  pods: readonly PodRecord[],
): Partial<DaemonSetStatus> | undefined {
  return planFor({ daemonSet: set, nodes, pods, revisions }).status;
}

describe('§6.1 computation', () => {
  type Case = readonly [readonly NodeRecord[], readonly PodRecord[], DaemonSetCounts];
  const cases: Record<string, Case> = {
    'no nodes': [[], [], NOTHING],
    'an eligible node without pod': [[n1], [], MISSING],
    'an available pod': [[n1], [pod('p', { on: 'n1' })], SERVED],
    'a pod ready for less than minReadySeconds': [
      [n1],
      [pod('p', { on: 'n1', readyFor: 9 })],
      { ...SERVED, numberAvailable: 0, numberUnavailable: 1 },
    ],
    'a pod that is not ready': [
      [n1],
      [pod('p', { on: 'n1', ready: false })],
      { ...THERE, updatedNumberScheduled: 1 },
    ],
    'an old pod': [[n1], [pod('p', { on: 'n1', hash: 'old' })], { ...SERVED, updatedNumberScheduled: 0 }],
    'an unbound pod counts as current': [
      [n1],
      [pod('p', { on: 'n1', bound: false, phase: 'Pending' })],
      { ...THERE, updatedNumberScheduled: 1 },
    ],
    '§3.7 a failed pod counts as current': [
      [n1],
      [pod('p', { on: 'n1', phase: 'Failed' })],
      { ...THERE, updatedNumberScheduled: 1 },
    ],
    '§3.7 a terminating pod that is still ready keeps its node available': [
      [n1],
      [pod('p', { on: 'n1', terminating: true })],
      SERVED,
    ],
    '§3.7 a terminating pod that has ended does not count': [
      [n1],
      [pod('p', { on: 'n1', phase: 'Succeeded', terminating: true })],
      MISSING,
    ],
    'during a surge the old pod stands for the node': [
      [n1],
      [pod('young', { on: 'n1', age: 60 }), pod('old', { on: 'n1', hash: 'old' })],
      { ...SERVED, updatedNumberScheduled: 0 },
    ],
    'of bound and unbound pods the bound one stands for the node': [
      [n1],
      [pod('a', { on: 'n1', age: 60 }), pod('z', { on: 'n1', hash: 'old', bound: false })],
      SERVED,
    ],
    'a pod on a node that may only keep it is misscheduled': [
      [staying],
      [pod('p', { on: 'n1' })],
      { ...NOTHING, numberMisscheduled: 1 },
    ],
    'several pods on one such node count once': [
      [staying],
      [pod('p', { on: 'n1' }), pod('q', { on: 'n1' })],
      { ...NOTHING, numberMisscheduled: 1 },
    ],
    'a node that is not eligible and has no pod counts nowhere': [[staying], [], NOTHING],
    '§9.1.1 pods of vanished nodes count nowhere': [
      [n1],
      [pod('p', { on: 'gone' }), pod('q', { on: 'gone2', bound: false })],
      MISSING,
    ],
    "somebody else's pod counts nowhere": [[n1], [pod('p', { on: 'n1', owner: 'other' })], MISSING],
    'an orphan counts from the sync that adopts it': [
      [n1],
      [pod('p', { on: 'n1', owner: 'nobody' })],
      SERVED,
    ],
    'a released pod counts no longer': [[n1], [pod('p', { on: 'n1', labels: { app: 'other' } })], MISSING],
  };

  it.each(Object.entries(cases))('%s', (_, [nodes, pods, counts]) => {
    expect(statusOf(nodes, pods)).toEqual({ ...counts, observedGeneration: 3 });
  });

  it('adds up over the nodes', () => {
    const nodes = [n1, node('n2'), node('n3'), node('n4', { taints: staying.taints })];
    const pods = [
      pod('a', { on: 'n1' }),
      pod('b', { on: 'n2', hash: 'old', ready: false }),
      pod('d', { on: 'n4' }),
    ];
    expect(statusOf(nodes, pods)).toEqual({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 2,
      numberMisscheduled: 1,
      numberReady: 1,
      updatedNumberScheduled: 1,
      numberAvailable: 1,
      numberUnavailable: 2,
      observedGeneration: 3,
    });
  });

  it('§5.3 counts a pod as updated by its template generation', () => {
    const annotated = daemonSet({ annotations: { 'deprecated.daemonset.template.generation': '2' } });
    const plan = planFor({
      daemonSet: annotated,
      nodes: [n1],
      pods: [pod('p', { on: 'n1', hash: 'elsewhere', templateGeneration: '2' })],
    });
    expect(plan.status).toMatchObject({ updatedNumberScheduled: 1 });
  });
});

function written(status: DaemonSetStatus, generation = 3, expectationsSatisfied = true): object | undefined {
  return planFor({ daemonSet: daemonSet({ generation, status }), expectationsSatisfied }).status;
}

describe('§6.2 write rule', () => {
  const settled = { ...NOTHING, observedGeneration: 3 };

  it('writes nothing while nothing has changed', () => {
    expect(written(settled)).toBeUndefined();
  });

  it('takes an absent count for 0', () => {
    expect(written({ observedGeneration: 3 })).toBeUndefined();
  });

  it.each(Object.keys(NOTHING))('writes when %s has changed', (field) => {
    expect(written({ ...settled, [field]: 1 })).toEqual({ ...NOTHING, observedGeneration: 3 });
  });

  it('writes when a newer generation has been acted on', () => {
    expect(written({ ...settled, observedGeneration: 2 })).toEqual({ ...NOTHING, observedGeneration: 3 });
    expect(written(NOTHING)).toEqual({ ...NOTHING, observedGeneration: 3 });
  });

  it('does not write because of a newer generation than ours', () => {
    expect(written({ ...settled, observedGeneration: 4 })).toBeUndefined();
  });

  it('writes no conditions where upstream is followed to the letter, and no collisionCount', () => {
    const status = written({
      conditions: [{ type: 'Foreign', status: 'True' }],
      collisionCount: 2,
      numberReady: 9,
    });
    expect(Object.keys(status ?? {}).toSorted()).toEqual(
      [...Object.keys(NOTHING), 'observedGeneration'].toSorted(),
    );
  });

  it('§9.1.18 does not raise observedGeneration while earlier writes are not seen', () => {
    expect(written({ ...NOTHING, observedGeneration: 2 }, 3, false)).toBeUndefined();
    const changed = written({ ...NOTHING, numberReady: 1, observedGeneration: 2 }, 3, false);
    expect(changed).toEqual(NOTHING);
  });
});
