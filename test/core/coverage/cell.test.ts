import { expect, it } from 'vitest';
import type { PodRecord } from '../../../src/api/pod.ts';
import { CELL_CODES, cellOf, type CellState, stateOfCode } from '../../../src/core/coverage/cell.ts';
import { observe } from '../../../src/core/observe.ts';
import { NOW, secondsAgo } from '../../builders/clock.ts';
import { daemonSet, surging } from '../../builders/daemonset.ts';
import { node, taint } from '../../builders/node.ts';
import { STRICT } from '../../builders/plan.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';
import { snapshot } from '../../builders/snapshot.ts';

type Case = {
  readonly pods?: readonly PodRecord[];
  /** In kubectl's notation. */
  readonly taints?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly isDown?: boolean;
  readonly minReadySeconds?: number;
  readonly want: CellState;
};

const one = (overrides: PodOverrides = {}): PodRecord => pod('one', { on: 'n1', ...overrides });
const other = (overrides: PodOverrides = {}): PodRecord => pod('other', { on: 'n1', ...overrides });
const KEEP = ['gpu:NoSchedule'];
const EVICT = ['gpu:NoExecute'];
/** The template asks for nodes of zone a. */
const ELSEWHERE = { zone: 'b' };

const cases: Readonly<Record<string, Case>> = {
  'no pod, and none belongs there': { labels: ELSEWHERE, want: 'none' },
  'no pod on a node with a taint under which one might stay': { taints: KEEP, want: 'none' },
  'no pod on an eligible node': { want: 'missing' },
  'no pod on an eligible node that is down': { isDown: true, want: 'missing' },
  'a pod of another node alone': { pods: [one({ on: 'n2' })], want: 'missing' },
  'a pod that somebody else controls alone': { pods: [one({ owner: 'other' })], want: 'missing' },
  'an orphan that will be adopted': { pods: [one({ owner: 'nobody' })], want: 'available' },
  'a pod that the selector no longer matches': { pods: [one({ labels: { app: 'x' } })], want: 'missing' },

  'a ready pod of the current revision': { pods: [one()], want: 'available' },
  'a ready pod of an older revision': { pods: [one({ hash: 'old' })], want: 'outdated' },
  'a ready pod without a revision': { pods: [one({ hash: null })], want: 'outdated' },
  'a pod that is not ready': { pods: [one({ ready: false })], want: 'starting' },
  'an old pod that is not ready': { pods: [one({ ready: false, hash: 'old' })], want: 'starting' },
  'a pod that no scheduler has bound': { pods: [one({ bound: false, phase: 'Pending' })], want: 'starting' },
  'a pod that is meant for the node, and one that is on it': {
    pods: [one({ bound: false, phase: 'Pending' }), other()],
    want: 'available',
  },
  'ready for less than minReadySeconds': {
    pods: [one({ readyFor: 29 })],
    minReadySeconds: 30,
    want: 'starting',
  },
  'ready for minReadySeconds': { pods: [one({ readyFor: 30 })], minReadySeconds: 30, want: 'available' },
  'a pod that has succeeded': { pods: [one({ phase: 'Succeeded' })], want: 'starting' },

  'a pod with a trouble': { pods: [{ ...one({ ready: false }), trouble: 'Unschedulable' }], want: 'trouble' },
  'a failed pod': { pods: [one({ phase: 'Failed' })], want: 'trouble' },
  'a pod that is not ready on a node that is down': {
    pods: [one({ ready: false })],
    isDown: true,
    want: 'trouble',
  },
  'a pod that still counts as ready on a node that is down': {
    pods: [one()],
    isDown: true,
    want: 'available',
  },

  'a surge: the old pod, and a new one that is ready': {
    pods: [one({ hash: 'old', age: 90 }), other({ age: 60 })],
    want: 'outdated',
  },
  'a surge: the old pod, and a new one that starts': {
    pods: [one({ hash: 'old', age: 90 }), other({ age: 60, ready: false })],
    want: 'outdated',
  },
  'a surge: the old pod ends, the new one is ready': {
    pods: [one({ hash: 'old', age: 90, terminating: true }), other({ age: 60 })],
    want: 'available',
  },
  'a surge: the old pod, and a new one in trouble': {
    pods: [
      one({ hash: 'old', age: 90 }),
      { ...other({ age: 60, ready: false }), trouble: 'ImagePullBackOff' },
    ],
    want: 'trouble',
  },
  'duplicates: the elder stands for the node': {
    pods: [one({ age: 60, ready: false }), other({ age: 90 })],
    want: 'available',
  },

  'a pod that ends': { pods: [one({ terminating: true })], want: 'terminating' },
  'a pod that ends on a node that is not eligible': {
    pods: [one({ terminating: true })],
    labels: ELSEWHERE,
    want: 'terminating',
  },
  'a pod that has failed and ends': { pods: [one({ phase: 'Failed', terminating: true })], want: 'missing' },
  'a pod that ends with a trouble, and its successor': {
    pods: [{ ...one({ terminating: true, ready: false }), trouble: 'CrashLoopBackOff' }, other()],
    want: 'available',
  },

  'a pod that may stay': { pods: [one()], taints: KEEP, want: 'kept' },
  'an old pod that may stay': { pods: [one({ hash: 'old' })], taints: KEEP, want: 'kept' },
  'a pod that may stay, in trouble': { pods: [one({ phase: 'Failed' })], taints: KEEP, want: 'trouble' },
  'a pod that may not stay for a taint': { pods: [one()], taints: EVICT, want: 'misscheduled' },
  'a pod that may not stay for a label': { pods: [one()], labels: ELSEWHERE, want: 'misscheduled' },
  'a failed pod that may not stay': { pods: [one({ phase: 'Failed' })], taints: EVICT, want: 'misscheduled' },
};

it.each(Object.entries(cases))('%s', (_, { want, ...situation }) => {
  const set = daemonSet({
    strategy: surging(1),
    minReadySeconds: situation.minReadySeconds ?? 0,
    podSpec: { nodeSelector: { zone: 'a' } },
  });
  const n1 = node('n1', {
    labels: situation.labels ?? { zone: 'a' },
    taints: (situation.taints ?? []).map(taint),
    ...(situation.isDown && { notReadySince: secondsAgo(5) }),
  });
  const revisions = [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })];
  const seen = snapshot({ daemonSet: set, nodes: [n1], pods: situation.pods ?? [], revisions });
  const { rollout } = observe(seen, NOW, STRICT);
  expect(rollout.nodes.map((state) => cellOf(state, rollout))).toEqual([want]);
});

it('knows every state by a character of its own, which JSON and HTML leave alone', () => {
  const codes = Object.values(CELL_CODES);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.join('')).toMatch(/^[.a-z]+$/);
  for (const [state, code] of Object.entries(CELL_CODES)) expect(stateOfCode(code)).toBe(state);
});

it('takes a character that it does not know for nothing', () => {
  for (const code of ['', 'z', 'aa', 'toString', '__proto__']) expect(stateOfCode(code)).toBe('none');
});
