import { describe, expect, it } from 'vitest';
import { isEmptyPlan, type Plan } from '../../src/core/plan.ts';
import { newDaemonPod } from '../../src/core/placement/daemon-pod.ts';
import { daemonSet } from '../builders/daemonset.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';

const idle: Plan = {
  claims: [],
  history: [],
  createPods: [],
  deletePods: [],
  cleanup: [],
  events: [],
  backoff: new Map(),
};

describe('isEmptyPlan', () => {
  it('is true when nothing is asked for, even if something is to be remembered or looked at later', () => {
    expect(isEmptyPlan(idle)).toBe(true);
    const backoff = new Map([['n1', { delayMs: 1000, since: 0 }]]);
    expect(isEmptyPlan({ ...idle, backoff, requeueAfterMs: 1000, skipped: 'Deleting' })).toBe(true);
  });

  const manifest = newDaemonPod(
    daemonSet(),
    {},
    { node: 'n1', revision: { hash: 'new', templateGeneration: undefined } },
  );
  const work: Record<string, Partial<Plan>> = {
    claims: { claims: [{ kind: 'adoptPod', pod: pod('p1') }] },
    history: { history: [{ kind: 'deleteRevision', revision: revision('a') }] },
    createPods: { createPods: [{ node: 'n1', manifest, reason: 'Missing' }] },
    deletePods: { deletePods: [{ pod: pod('p1'), reason: 'Failed' }] },
    cleanup: { cleanup: [revision('a')] },
    status: { status: { numberReady: 0 } },
    events: { events: [{ type: 'Normal', reason: 'SucceededDaemonPod', message: 'x' }] },
  };
  it.each(Object.entries(work))('is false with %s', (_, part) => {
    expect(isEmptyPlan({ ...idle, ...part })).toBe(false);
  });
});
