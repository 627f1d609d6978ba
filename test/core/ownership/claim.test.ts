import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../../src/api/pod.ts';
import { claim, controllerRefOf } from '../../../src/core/ownership/claim.ts';
import { DEMO_UID, daemonSet } from '../../builders/daemonset.ts';
import { node } from '../../builders/node.ts';
import { claimsOf, createsOn, deletes, planFor } from '../../builders/plan.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';

const OTHER_LABELS = { app: 'other' };

function verdict(p1: PodRecord): string {
  const { claimed, adopt, release } = claim(daemonSet(), [p1]);
  if (release.includes(p1)) return claimed.includes(p1) ? 'confused' : 'released';
  if (adopt.includes(p1)) return claimed.includes(p1) ? 'adopted' : 'confused';
  return claimed.includes(p1) ? 'claimed' : 'ignored';
}

describe('§4.1 claims (TestClaimPods)', () => {
  const cases: Record<string, readonly [PodOverrides, string]> = {
    'ours and matching': [{}, 'claimed'],
    'ours and matching, terminating': [{ terminating: true }, 'claimed'],
    'ours and matching, of any phase': [{ phase: 'Failed' }, 'claimed'],
    '§9.1.9 ours and no longer matching': [{ labels: OTHER_LABELS }, 'released'],
    'ours and no longer matching, terminating': [{ labels: OTHER_LABELS, terminating: true }, 'released'],
    'an orphan that matches': [{ owner: 'nobody' }, 'adopted'],
    'an orphan that matches, of any phase': [{ owner: 'nobody', phase: 'Succeeded' }, 'adopted'],
    'an orphan that matches, terminating': [{ owner: 'nobody', terminating: true }, 'ignored'],
    'an orphan that does not match': [{ owner: 'nobody', labels: OTHER_LABELS }, 'ignored'],
    'owned by another and matching': [{ owner: 'other' }, 'ignored'],
    'owned by another and not matching': [{ owner: 'other', labels: OTHER_LABELS }, 'ignored'],
  };

  it.each(Object.entries(cases))('%s', (_, [overrides, expected]) => {
    expect(verdict(pod('p1', { on: 'n1', ...overrides }))).toBe(expected);
  });

  it('§4.4 goes by UID: a DaemonSet of the same name that was re-created owns nothing yet', () => {
    const before = {
      ...pod('p1', { on: 'n1' }),
      controller: { kind: 'DaemonSet', name: 'demo', uid: 'uid-before' },
    };
    expect(verdict(before)).toBe('ignored');
  });

  it('matches expressions of the selector too', () => {
    const selector = { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['demo'] }] };
    const { release } = claim(daemonSet({ selector }), [pod('p1')]);
    expect(release.map(({ name }) => name)).toEqual(['p1']);
  });

  it('§3.3 refers to the DaemonSet as the blocking controller', () => {
    expect(controllerRefOf(daemonSet())).toEqual({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      name: 'demo',
      uid: DEMO_UID,
      controller: true,
      blockOwnerDeletion: true,
    });
  });
});

describe('§4.1 claims in a plan', () => {
  it('adopts an orphan, which then fills its node', () => {
    const plan = planFor({ nodes: [node('n1')], pods: [pod('p1', { on: 'n1', owner: 'nobody' })] });
    expect(claimsOf(plan)).toEqual(['adoptPod p1']);
    expect(createsOn(plan)).toEqual([]);
  });

  it('replaces an adopted pod that does not carry the current hash', () => {
    const plan = planFor({
      nodes: [node('n1')],
      pods: [pod('p1', { on: 'n1', owner: 'nobody', hash: null })],
    });
    expect(claimsOf(plan)).toEqual(['adoptPod p1']);
    expect(deletes(plan, 'Outdated')).toEqual(['p1']);
  });

  it('lets an older adopted pod displace the daemon pod', () => {
    const pods = [pod('ours', { on: 'n1', age: 10 }), pod('bare', { on: 'n1', owner: 'nobody', age: 20 })];
    expect(deletes(planFor({ nodes: [node('n1')], pods }), 'Duplicate')).toEqual(['ours']);
  });

  it('§9.1.9 releases a pod that was relabelled, and replaces it at once', () => {
    const plan = planFor({ nodes: [node('n1')], pods: [pod('p1', { on: 'n1', labels: OTHER_LABELS })] });
    expect(claimsOf(plan)).toEqual(['releasePod p1']);
    expect(createsOn(plan)).toEqual(['n1']);
    expect(deletes(plan)).toEqual([]);
  });

  it('never touches what another controller owns', () => {
    const pods = [
      pod('p1', { on: 'n1', owner: 'other' }),
      pod('p2', { on: 'gone', bound: false, owner: 'other' }),
    ];
    const plan = planFor({ pods });
    expect(claimsOf(plan)).toEqual([]);
    expect(deletes(plan)).toEqual([]);
  });
});
