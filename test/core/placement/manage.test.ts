import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../../src/api/pod.ts';
import type { FailedPodBackoff } from '../../../src/core/placement/failed-pod-backoff.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { NOW, secondsAgo } from '../../builders/clock.ts';
import { daemonSet, ON_DELETE } from '../../builders/daemonset.ts';
import { node, taint } from '../../builders/node.ts';
import { createsOn, deletes, planFor } from '../../builders/plan.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';

const inZone = daemonSet({ podSpec: { nodeSelector: { zone: 'a' } } });
const eligible = node('n1', { labels: { zone: 'a' } });
const staying = node('n1', { labels: { zone: 'a' }, taints: [taint('gpu:NoSchedule')] });
const evicting = node('n1', { labels: { zone: 'a' }, taints: [taint('gpu:NoExecute')] });
const mismatched = node('n1', { labels: { zone: 'b' } });

const onN1 = (name: string, overrides: PodOverrides = {}): PodRecord => pod(name, { on: 'n1', ...overrides });

describe('§2.2 matrix', () => {
  const empty: Record<string, readonly [typeof eligible, readonly string[]]> = {
    'matches and tolerates: creates': [eligible, ['n1']],
    'untolerated NoSchedule: creates nothing': [staying, []],
    'untolerated NoExecute: creates nothing': [evicting, []],
    'mismatch: creates nothing': [mismatched, []],
  };
  it.each(Object.entries(empty))('no pod, node %s', (_, [n1, expected]) => {
    expect(createsOn(planFor({ daemonSet: inZone, nodes: [n1] }))).toEqual(expected);
  });

  const taken: Record<string, readonly [typeof eligible, readonly string[]]> = {
    'matches and tolerates: keeps': [eligible, []],
    'untolerated NoSchedule: keeps': [staying, []],
    'untolerated NoExecute: deletes': [evicting, ['p1']],
    'mismatch: deletes': [mismatched, ['p1']],
  };
  it.each(Object.entries(taken))('pod exists, node %s', (_, [n1, expected]) => {
    const plan = planFor({ daemonSet: inZone, nodes: [n1], pods: [onN1('p1')] });
    expect(deletes(plan)).toEqual(expected);
    expect(createsOn(plan)).toEqual([]);
  });

  it('node gone: bound pods are left to PodGC, unbound ones deleted', () => {
    const pods = [
      pod('bound', { on: 'gone' }),
      pod('unbound', { on: 'gone', bound: false }),
      pod('going', { on: 'gone', bound: false, terminating: true }),
    ];
    const plan = planFor({ pods });
    expect(deletes(plan, 'NodeGone')).toEqual(['unbound']);
    expect(deletes(plan)).toEqual(['unbound']);
  });
});

describe('§3.1 pods on an ineligible node', () => {
  const plan = planFor({
    daemonSet: inZone,
    nodes: [mismatched],
    pods: [onN1('running'), onN1('failed', { phase: 'Failed' }), onN1('going', { terminating: true })],
  });

  it('are all deleted, but for those already on their way', () => {
    expect(deletes(plan, 'NodeNotEligible')).toEqual(['failed', 'running']);
  });

  it('§9.1.6 are deleted without event or back-off, failed or not', () => {
    expect(plan.events).toEqual([]);
    expect(plan.backoff.size).toBe(0);
  });

  it('an unbound pod for it is deleted too', () => {
    const pending = onN1('pending', { bound: false, phase: 'Pending' });
    expect(deletes(planFor({ daemonSet: inZone, nodes: [mismatched], pods: [pending] }))).toEqual([
      'pending',
    ]);
  });
});

describe.each([
  ['OnDelete', daemonSet({ strategy: ON_DELETE })],
  ['RollingUpdate', daemonSet()],
])('§3.1 duplicates, strategy %s', (_, set) => {
  const decide = (...pods: readonly PodRecord[]): Plan =>
    planFor({ daemonSet: set, nodes: [node('n1')], pods });

  it('leaves the oldest', () => {
    const plan = decide(onN1('c', { age: 1 }), onN1('a', { age: 3 }), onN1('b', { age: 2 }));
    expect(deletes(plan, 'Duplicate')).toEqual(['b', 'c']);
  });

  it('leaves the oldest bound one, even when it is broken and another is ready', () => {
    const plan = decide(
      onN1('ready', { age: 1 }),
      onN1('broken', { age: 3, ready: false }),
      onN1('unbound', { age: 9, bound: false }),
    );
    expect(deletes(plan, 'Duplicate')).toEqual(['ready', 'unbound']);
  });

  it('does not count terminating pods', () => {
    expect(deletes(decide(onN1('a', { terminating: true, age: 9 }), onN1('b')))).toEqual([]);
  });

  it('§9.1.24 counts a pod for the node that it is bound to', () => {
    const strayed = { ...onN1('strayed', { age: 1 }), nodeName: 'n1', targetNode: 'n1' };
    expect(deletes(decide(onN1('own', { age: 2 }), strayed), 'Duplicate')).toEqual(['strayed']);
  });

  it('are pruned on a node that may only keep its pod', () => {
    const plan = planFor({
      daemonSet: inZone,
      nodes: [staying],
      pods: [onN1('a', { age: 2 }), onN1('b', { age: 1 })],
    });
    expect(deletes(plan)).toEqual(['b']);
  });
});

describe('§3.1 nothing is created where a pod still is', () => {
  const blocking: Record<string, PodOverrides> = {
    running: {},
    pending: { phase: 'Pending' },
    unbound: { phase: 'Pending', bound: false },
    'of unknown phase': { phase: 'Unknown', ready: false },
    terminating: { terminating: true },
    failed: { phase: 'Failed' },
    succeeded: { phase: 'Succeeded' },
  };

  it.each(Object.entries(blocking))('while the pod is %s', (_, overrides) => {
    expect(createsOn(planFor({ nodes: [node('n1')], pods: [onN1('p1', overrides)] }))).toEqual([]);
  });

  it.each(['Failed', 'Succeeded'] as const)('§3.7 except one that is %s and terminating', (phase) => {
    const held = onN1('held', { phase, terminating: true });
    const plan = planFor({ nodes: [node('n1')], pods: [held] });
    expect(createsOn(plan)).toEqual(['n1']);
    expect(deletes(plan)).toEqual([]);
  });

  it('§3.7 except one that somebody else owns', () => {
    expect(createsOn(planFor({ nodes: [node('n1')], pods: [onN1('p1', { owner: 'other' })] }))).toEqual([
      'n1',
    ]);
  });

  it('§9.1.25 except one that names two nodes: it is never seen', () => {
    const plan = planFor({ nodes: [node('n1')], pods: [pod('lost')] });
    expect(createsOn(plan)).toEqual(['n1']);
    expect(deletes(plan)).toEqual([]);
  });
});

describe('§8.1 TestDaemonKillFailedPods', () => {
  const table: readonly (readonly [number, number, number, number, number])[] = [
    // failed, normal: creates, deletes, events
    [0, 1, 0, 0, 0],
    [0, 0, 1, 0, 0],
    [1, 0, 0, 1, 1],
    [1, 3, 0, 3, 1],
  ];

  it.each(table)('%i failed and %i normal pods: %i/%i/%i', (failed, normal, creates, deleted, events) => {
    const pods = [
      ...Array.from({ length: failed }, (_, index) => onN1(`failed-${index}`, { phase: 'Failed' })),
      ...Array.from({ length: normal }, (_, index) => onN1(`normal-${index}`)),
    ];
    const plan = planFor({ nodes: [node('n1')], pods });
    expect([createsOn(plan).length, deletes(plan).length, plan.events.length]).toEqual([
      creates,
      deleted,
      events,
    ]);
  });
});

describe('§3.1 pods that have ended', () => {
  it('deletes a failed pod with a warning', () => {
    const plan = planFor({ nodes: [node('n1')], pods: [onN1('p1', { phase: 'Failed' })] });
    expect(deletes(plan, 'Failed')).toEqual(['p1']);
    expect(plan.events).toEqual([
      {
        type: 'Warning',
        reason: 'FailedDaemonPod',
        message: 'Found failed daemon pod default/p1 on node n1, will try to kill it',
      },
    ]);
    expect(plan.backoff).toEqual(new Map([['n1', { delayMs: 1000, since: NOW }]]));
  });

  it('deletes a succeeded pod with a note and without back-off', () => {
    const backoff = new Map([['n1', { delayMs: 900_000, since: NOW }]]);
    const plan = planFor({ nodes: [node('n1')], pods: [onN1('p1', { phase: 'Succeeded' })], backoff });
    expect(deletes(plan, 'Succeeded')).toEqual(['p1']);
    expect(plan.events).toEqual([
      {
        type: 'Normal',
        reason: 'SucceededDaemonPod',
        message: 'Found succeeded daemon pod default/p1 on node n1, will try to delete it',
      },
    ]);
    expect(plan.backoff).toEqual(backoff);
  });

  it('deletes the ended ones beside a running one, which stays', () => {
    const pods = [onN1('a', { phase: 'Failed' }), onN1('b'), onN1('c', { phase: 'Succeeded' })];
    const plan = planFor({ nodes: [node('n1')], pods });
    expect(deletes(plan)).toEqual(['a', 'c']);
  });

  it('does not delete a second time what is terminating', () => {
    const plan = planFor({
      nodes: [node('n1')],
      pods: [onN1('p1', { phase: 'Failed', terminating: true }), onN1('p2')],
    });
    expect(deletes(plan)).toEqual([]);
    expect(plan.events).toEqual([]);
  });

  it('§9.1.7 a failed pod on a NoSchedule-tainted node is deleted and not made again', () => {
    const before = planFor({ daemonSet: inZone, nodes: [staying], pods: [onN1('p1', { phase: 'Failed' })] });
    expect(deletes(before, 'Failed')).toEqual(['p1']);
    expect(createsOn(planFor({ daemonSet: inZone, nodes: [staying] }))).toEqual([]);
  });
});

/** n1 waits for so many seconds, of which so many have passed. */
function waitingFor(delaySeconds: number, past: number): FailedPodBackoff {
  return new Map([['n1', { delayMs: delaySeconds * 1000, since: secondsAgo(past) }]]);
}

describe('§3.5 failed pods back off', () => {
  const failed = onN1('p1', { phase: 'Failed' });

  it('leaves the pod while its node waits, and comes back exactly when the wait is over', () => {
    const plan = planFor({ nodes: [node('n1')], pods: [failed], backoff: waitingFor(8, 3) });
    expect(deletes(plan)).toEqual([]);
    expect(createsOn(plan)).toEqual([]);
    expect(plan.events).toEqual([]);
    expect(plan.requeueAfterMs).toBe(5000);
    expect(plan.backoff).toEqual(waitingFor(8, 3));
  });

  it('deletes it at the end of the wait and doubles the delay', () => {
    const plan = planFor({ nodes: [node('n1')], pods: [failed], backoff: waitingFor(8, 8) });
    expect(deletes(plan, 'Failed')).toEqual(['p1']);
    expect(plan.backoff).toEqual(new Map([['n1', { delayMs: 16_000, since: NOW }]]));
  });

  it('throttles each node by itself', () => {
    const pods = [failed, pod('p2', { on: 'n2', phase: 'Failed' })];
    const plan = planFor({ nodes: [node('n1'), node('n2')], pods, backoff: waitingFor(8, 0) });
    expect(deletes(plan)).toEqual(['p2']);
    expect(plan.backoff.get('n1')).toEqual({ delayMs: 8000, since: NOW });
  });

  it('comes back for the node whose wait ends first', () => {
    const pods = [failed, pod('p2', { on: 'n2', phase: 'Failed' })];
    const backoff = new Map([
      ['n1', { delayMs: 8000, since: NOW }],
      ['n2', { delayMs: 4000, since: NOW }],
    ]);
    expect(planFor({ nodes: [node('n1'), node('n2')], pods, backoff }).requeueAfterMs).toBe(4000);
  });

  it('deletes the first of several failed pods of a node; the second waits', () => {
    const pods = [failed, onN1('p2', { phase: 'Failed', age: 1 })];
    const plan = planFor({ nodes: [node('n1')], pods });
    expect(deletes(plan)).toEqual(['p1']);
    expect(plan.requeueAfterMs).toBe(1000);
  });

  it('does not write to the back-off that it was given', () => {
    const backoff = waitingFor(8, 8);
    planFor({ nodes: [node('n1')], pods: [failed], backoff });
    expect(backoff).toEqual(waitingFor(8, 8));
  });
});
