import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../../src/api/pod.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { NOW, secondsAgo } from '../../builders/clock.ts';
import { daemonSet, rollingUpdate, surging } from '../../builders/daemonset.ts';
import { node } from '../../builders/node.ts';
import { createsOn, deletes, planFor, STRICT } from '../../builders/plan.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

const oldOn = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(`old-${name}`, { on: name, hash: 'old', ...overrides });
const newOn = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(`new-${name}`, { on: name, age: 60, ...overrides });

/** The revision became current a minute ago; n1 went down so many seconds ago. */
function decide(
  downFor: number,
  pods: readonly PodRecord[],
  {
    policy = DEFAULT_POLICY,
    strategy = rollingUpdate({ maxUnavailable: 1 }),
    numberedAt = secondsAgo(60),
  } = {},
): Plan {
  const set = daemonSet({ strategy });
  const nodes = [node('n1', { notReadySince: secondsAgo(downFor) }), node('n2'), node('n3')];
  const revisions = [revision('old', { number: 1 }), revision('new', { of: set, number: 2, numberedAt })];
  return planFor({ daemonSet: set, nodes, pods, revisions }, NOW, policy);
}

const BEFORE = 300;
const SINCE = 30;
const stuck = [oldOn('n1', { ready: false, terminating: true }), oldOn('n2'), oldOn('n3')];
const broken = [newOn('n1', { ready: false }), oldOn('n2'), oldOn('n3')];

describe('a node that was down before the rollout began', () => {
  it('does not hold it up', () => {
    expect(deletes(decide(BEFORE, stuck))).toEqual(['old-n2']);
    expect(deletes(decide(BEFORE, broken))).toEqual(['old-n2']);
  });

  it('gets its pod replaced all the same', () => {
    const pods = [oldOn('n1', { ready: false }), oldOn('n2'), oldOn('n3')];
    expect(deletes(decide(BEFORE, pods))).toEqual(['old-n1', 'old-n2']);
  });

  it('holds it up where upstream is followed to the letter', () => {
    expect(deletes(decide(BEFORE, stuck, { policy: STRICT }))).toEqual([]);
    expect(deletes(decide(BEFORE, broken, { policy: STRICT }))).toEqual([]);
  });
});

describe('a node that goes down later', () => {
  it('stops the rollout', () => {
    expect(deletes(decide(SINCE, broken))).toEqual([]);
    expect(deletes(decide(SINCE, stuck))).toEqual([]);
  });

  it('is judged by the roll back to an older revision, not by when that was made', () => {
    expect(deletes(decide(SINCE, broken, { numberedAt: secondsAgo(10) }))).toEqual(['old-n2']);
  });
});

describe('with surge', () => {
  const strategy = surging(1);
  const pods = [oldOn('n1'), newOn('n1', { ready: false }), oldOn('n2'), oldOn('n3')];

  it('the pod that waits on a node down before does not use up maxSurge', () => {
    expect(createsOn(decide(BEFORE, pods, { strategy }))).toEqual(['n2']);
  });

  it('on a node that goes down later it does, and where upstream is followed', () => {
    expect(createsOn(decide(SINCE, pods, { strategy }))).toEqual([]);
    expect(createsOn(decide(BEFORE, pods, { strategy, policy: STRICT }))).toEqual([]);
  });
});

describe('a revision that this plan makes or brings back', () => {
  it('is as new as can be: every node that is down was down before', () => {
    const set = daemonSet();
    const nodes = [node('n1', { notReadySince: secondsAgo(1) }), node('n2')];
    const pods = [oldOn('n1', { ready: false, terminating: true }), oldOn('n2')];
    const revisions = [
      revision('new', { of: set, number: 1, numberedAt: secondsAgo(900) }),
      revision('old', { number: 2 }),
    ];
    expect(deletes(planFor({ daemonSet: set, nodes, pods, revisions }, NOW, DEFAULT_POLICY))).toEqual([
      'old-n2',
    ]);
  });
});
