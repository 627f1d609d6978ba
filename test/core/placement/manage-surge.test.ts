import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../../src/api/pod.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { NOW } from '../../builders/clock.ts';
import { daemonSet, surging } from '../../builders/daemonset.ts';
import { node, taint } from '../../builders/node.ts';
import { createsOn, deletes, planFor } from '../../builders/plan.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

const set = daemonSet({ strategy: surging(1), minReadySeconds: 15 });
const revisions = [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })];

function decide(pods: readonly PodRecord[], n1 = node('n1'), backoff: Plan['backoff'] = new Map()): Plan {
  return planFor({ daemonSet: set, nodes: [n1], pods, revisions, backoff });
}

const newPod = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(name, { on: 'n1', ...overrides });
const oldPod = (name: string, overrides: PodOverrides = {}): PodRecord =>
  newPod(name, { hash: 'old', ...overrides });

describe('§3.1 surge: creates where no pod runs', () => {
  const cases: Record<string, readonly PodRecord[]> = {
    'without any pod': [],
    'beside a terminating pod': [oldPod('p1', { terminating: true })],
    'beside a succeeded pod': [oldPod('p1', { phase: 'Succeeded' })],
    'beside a failed pod that may be deleted now': [oldPod('p1', { phase: 'Failed' })],
  };
  it.each(Object.entries(cases))('%s', (_, pods) => {
    expect(createsOn(decide(pods))).toEqual(['n1']);
  });

  it('but not on a node that may only keep a pod', () => {
    const staying = node('n1', { taints: [taint('gpu:NoSchedule')] });
    expect(createsOn(decide([oldPod('p1', { terminating: true })], staying))).toEqual([]);
  });

  const present: Record<string, PodOverrides> = {
    running: {},
    'not ready': { ready: false },
    unbound: { bound: false, phase: 'Pending' },
  };
  it.each(Object.entries(present))('but not where one pod is %s', (_, overrides) => {
    const plan = decide([newPod('p1', overrides)]);
    expect(createsOn(plan)).toEqual([]);
    expect(deletes(plan)).toEqual([]);
  });
});

describe('§3.5 surge: creates nothing while the failed pod waits in back-off', () => {
  const waiting = new Map([['n1', { delayMs: 8000, since: NOW }]]);

  it('of the current revision (upstream does: kubernetes#124388)', () => {
    const plan = decide([newPod('p1', { phase: 'Failed' })], node('n1'), waiting);
    expect(createsOn(plan)).toEqual([]);
    expect(deletes(plan)).toEqual([]);
    expect(plan.requeueAfterMs).toBe(8000);
  });

  it('of an old revision', () => {
    const plan = decide([oldPod('p1', { phase: 'Failed' })], node('n1'), waiting);
    expect(createsOn(plan)).toEqual([]);
    expect(deletes(plan)).toEqual([]);
  });

  it('of which there are several', () => {
    const plan = decide([
      newPod('p1', { phase: 'Failed', age: 9 }),
      newPod('p2', { phase: 'Failed', age: 8 }),
    ]);
    expect(deletes(plan)).toEqual(['p1']);
    expect(createsOn(plan)).toEqual([]);
  });
});

describe('§3.1 surge: which of several pods stay', () => {
  type Case = { readonly pods: readonly PodRecord[]; readonly goes: readonly string[] };
  const cases: Record<string, Case> = {
    '§8.1 TestSurgePreservesReadyOldPods: the unready new pod and the oldest ready old one': {
      pods: [
        newPod('new', { ready: false, age: 1 }),
        oldPod('old', { age: 20 }),
        oldPod('surplus', { age: 10 }),
      ],
      goes: ['surplus'],
    },
    '§8.1 TestSurgeDeletesUnreadyOldPods: an unready old pod goes': {
      pods: [newPod('new', { ready: false, age: 1 }), oldPod('old', { ready: false })],
      goes: ['old'],
    },
    '§8.1 TestSurgePreservesOldReadyWithUnsatisfiedMinReady: ready for 10 s of 15 s': {
      pods: [newPod('new', { readyFor: 10, age: 20 }), oldPod('old')],
      goes: [],
    },
    '§8.1 TestSurgeDeletesOldReadyWithUnsatisfiedMinReady: ready for 15 s': {
      pods: [newPod('new', { readyFor: 15, age: 20 }), oldPod('old')],
      goes: ['old'],
    },
    'of two new pods the oldest': {
      pods: [newPod('a', { age: 20 }), newPod('b', { age: 10 })],
      goes: ['b'],
    },
    'of two new pods the oldest, though the other is the ready one': {
      pods: [newPod('a', { age: 20, ready: false }), newPod('b', { age: 10 })],
      goes: ['b'],
    },
    'of two old pods the oldest': {
      pods: [oldPod('a', { age: 20 }), oldPod('b', { age: 10 })],
      goes: ['b'],
    },
    'one new and one old, whatever surplus there is of either': {
      pods: [
        newPod('new', { age: 40, ready: false }),
        newPod('new surplus', { age: 30, ready: false }),
        oldPod('old', { age: 20 }),
        oldPod('old surplus', { age: 10 }),
      ],
      goes: ['new surplus', 'old surplus'],
    },
    'a pod without hash label is an old one': {
      pods: [newPod('new', { readyFor: 1, age: 5 }), newPod('bare', { hash: null })],
      goes: [],
    },
    'a terminating pod does not count': {
      pods: [newPod('new', { readyFor: 1, age: 5 }), oldPod('old'), oldPod('going', { terminating: true })],
      goes: [],
    },
  };

  it.each(Object.entries(cases))('%s', (_, { pods, goes }) => {
    const plan = decide(pods);
    expect(deletes(plan)).toEqual(goes);
    expect(createsOn(plan)).toEqual([]);
  });

  it('tells new from old by the hash label alone, not by the template generation', () => {
    const generations = daemonSet({
      strategy: surging(1),
      annotations: { 'deprecated.daemonset.template.generation': '2' },
    });
    const pods = [
      newPod('new', { age: 1, templateGeneration: '2' }),
      oldPod('relabelled', { templateGeneration: '2' }),
    ];
    const plan = planFor({
      daemonSet: generations,
      nodes: [node('n1')],
      pods,
      revisions: [revision('new', { of: generations })],
    });
    expect(deletes(plan)).toEqual(['relabelled']);
  });
});
