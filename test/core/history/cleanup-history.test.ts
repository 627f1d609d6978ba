import { describe, expect, it } from 'vitest';
import { daemonSet } from '../../builders/daemonset.ts';
import { planFor } from '../../builders/plan.ts';
import { pod } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';
import type { PodRecord } from '../../../src/api/pod.ts';
import type { RevisionRecord } from '../../../src/api/revision.ts';

/** Old revisions 1 … n, named after their numbers, not in order. */
function oldRevisions(count: number): readonly RevisionRecord[] {
  return Array.from({ length: count }, (_, index) =>
    revision(`r${index + 1}`, { number: index + 1 }),
  ).toReversed();
}

function cleanedUp(
  limit: number,
  old: readonly RevisionRecord[],
  pods: readonly PodRecord[] = [],
): readonly string[] {
  const set = daemonSet({ revisionHistoryLimit: limit });
  const revisions = [...old, revision('new', { of: set, number: 99 })];
  return planFor({ daemonSet: set, revisions, pods }).cleanup.map(({ name }) => name);
}

describe('§5.8 cleanup of the history', () => {
  it('keeps as many old revisions as the limit says', () => {
    expect(cleanedUp(3, oldRevisions(3))).toEqual([]);
    expect(cleanedUp(3, oldRevisions(2))).toEqual([]);
  });

  it('deletes the lowest numbers first', () => {
    expect(cleanedUp(2, oldRevisions(5))).toEqual(['demo-r1', 'demo-r2', 'demo-r3']);
  });

  it('§9.1.14 with limit 0 deletes all old ones, never the current', () => {
    expect(cleanedUp(0, oldRevisions(2))).toEqual(['demo-r1', 'demo-r2']);
    expect(cleanedUp(0, [])).toEqual([]);
  });

  it('compares numbers, not text', () => {
    expect(cleanedUp(1, [revision('ten', { number: 10 }), revision('nine', { number: 9 })])).toEqual([
      'demo-nine',
    ]);
  });

  it('spares those that a pod carries, and takes newer ones instead', () => {
    expect(cleanedUp(2, oldRevisions(5), [pod('p1', { on: 'n1', hash: 'r1' })])).toEqual([
      'demo-r2',
      'demo-r3',
      'demo-r4',
    ]);
  });

  it('spares all that pods carry, even beyond the limit', () => {
    const pods = ['r1', 'r2', 'r3'].map((hash) => pod(hash, { on: hash, hash }));
    expect(cleanedUp(0, oldRevisions(3), pods)).toEqual([]);
  });

  it('spares those of pods that have ended and are terminating', () => {
    const held = pod('p1', { on: 'n1', hash: 'r1', phase: 'Failed', terminating: true });
    expect(cleanedUp(0, oldRevisions(2), [held])).toEqual(['demo-r2']);
  });

  it('spares those of pods on vanished nodes', () => {
    expect(cleanedUp(0, oldRevisions(2), [pod('p1', { on: 'gone', hash: 'r2' })])).toEqual(['demo-r1']);
  });

  it('does not spare those of pods that are not ours', () => {
    const foreign = pod('p1', { on: 'n1', hash: 'r1', owner: 'other' });
    expect(cleanedUp(0, oldRevisions(1), [foreign])).toEqual(['demo-r1']);
  });

  it('knows a revision without hash label by its name', () => {
    const bare = revision('r1', { labelled: false });
    expect(cleanedUp(0, [bare], [pod('p1', { on: 'n1', hash: 'demo-r1' })])).toEqual([]);
    expect(cleanedUp(0, [bare], [pod('p1', { on: 'n1', hash: 'r1' })])).toEqual(['demo-r1']);
  });

  it('§1.1 keeps 10 where the limit is absent', () => {
    const set = daemonSet();
    const { revisionHistoryLimit: _, ...spec } = set.spec;
    const revisions = [...oldRevisions(12), revision('new', { of: set, number: 99 })];
    const plan = planFor({ daemonSet: { ...set, spec }, revisions });
    expect(plan.cleanup.map(({ name }) => name)).toEqual(['demo-r1', 'demo-r2']);
  });

  it('does not take foreign or unclaimed revisions', () => {
    const others = [
      revision('r1', { owner: 'other' }),
      revision('r2', { owner: 'nobody', labels: { app: 'other' } }),
    ];
    expect(cleanedUp(0, others)).toEqual([]);
  });

  it('§0 waits until the caches show what earlier syncs wrote', () => {
    const set = daemonSet({ revisionHistoryLimit: 0 });
    const revisions = [...oldRevisions(2), revision('new', { of: set, number: 99 })];
    expect(planFor({ daemonSet: set, revisions, expectationsSatisfied: false }).cleanup).toEqual([]);
  });
});
