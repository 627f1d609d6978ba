import { describe, expect, it } from 'vitest';
import { selectorImmutable } from '../../../../src/core/admission/rules/selector-immutable.ts';
import { clusterOf } from '../../../builders/cluster-view.ts';
import { daemonSet } from '../../../builders/daemonset.ts';
import { pod } from '../../../builders/pod.ts';
import { revision } from '../../../builders/revision.ts';
import { created, creationOf, updated, updateOf } from './daemonset-change.ts';

const app = { matchLabels: { app: 'agent' } };

function change(before: unknown, after: unknown): ReturnType<typeof selectorImmutable.check> {
  return selectorImmutable.check(updated({ selector: before }, { selector: after }));
}

function expressions(...matchExpressions: readonly object[]): object {
  return { matchExpressions };
}

const tierIn = (...values: readonly string[]): object => ({ key: 'tier', operator: 'In', values });

describe('rule selector-immutable', () => {
  const refused: Record<string, [before: unknown, after: unknown, old: string, wanted: string]> = {
    'another value': [app, { matchLabels: { app: 'other' } }, '"app=agent"', '"app=other"'],
    'one more label': [app, { matchLabels: { app: 'agent', a: 'b' } }, '"app=agent"', '"a=b,app=agent"'],
    'one label less': [{ matchLabels: { app: 'agent', a: 'b' } }, app, '"a=b,app=agent"', '"app=agent"'],
    'another operator': [
      expressions({ key: 'a', operator: 'Exists' }),
      expressions({ key: 'a', operator: 'DoesNotExist' }),
      '"a"',
      '"!a"',
    ],
    'other values': [expressions(tierIn('x')), expressions(tierIn('y')), '"tier in (x)"', '"tier in (y)"'],
    'no selector any more': [app, undefined, '"app=agent"', 'none'],
    'an empty selector': [app, {}, '"app=agent"', 'an empty selector'],
  };

  it.each(Object.entries(refused))('refuses %s and shows both', (_, [before, after, old, wanted]) => {
    const [problem, ...more] = change(before, after);
    expect(more).toEqual([]);
    expect(problem?.path).toBe('spec.selector');
    expect(problem?.message).toContain(`cannot change from ${old} to ${wanted}`);
    expect(problem?.message).toContain(`Keep ${old}, or create a DaemonSet of another name`);
    expect(problem?.message).toContain('--cascade=orphan');
  });

  const reordered: Record<string, [before: unknown, after: unknown]> = {
    values: [expressions(tierIn('x', 'y')), expressions(tierIn('y', 'x'))],
    requirements: [
      expressions(tierIn('x'), { key: 'a', operator: 'Exists' }),
      expressions({ key: 'a', operator: 'Exists' }, tierIn('x')),
    ],
  };

  it.each(Object.entries(reordered))('refuses, as the API server does, %s in another order', (_, pair) => {
    const [problem] = change(...pair);
    expect(problem?.message).toContain('in another order');
    expect(problem?.message).toContain('put them back');
  });

  const passed: Record<string, [before: unknown, after: unknown]> = {
    'the same selector': [app, { matchLabels: { app: 'agent' } }],
    'labels in another order': [{ matchLabels: { a: 'b', c: 'd' } }, { matchLabels: { c: 'd', a: 'b' } }],
    'an empty list for an absent one': [app, { ...app, matchExpressions: [] }],
    'null for an absent list': [{ ...app, matchExpressions: null }, app],
    'absent values for empty ones': [
      expressions({ key: 'a', operator: 'Exists', values: [] }),
      expressions({ key: 'a', operator: 'Exists' }),
    ],
    'a malformed selector, which the API server refuses': [app, { matchLabels: 3 }],
    'a malformed stored selector': ['app', app],
    'none before and after': [undefined, null],
  };

  it.each(Object.entries(passed))('has nothing against %s', (_, [before, after]) => {
    expect(change(before, after)).toEqual([]);
  });

  it('says nothing at CREATE, nor of an UPDATE that does not bring the stored object', () => {
    expect(selectorImmutable.check(created({ selector: app }))).toEqual([]);
    const { object } = created({ selector: app });
    expect(selectorImmutable.check(updateOf(null, object))).toEqual([]);
  });

  it('keeps its message short and on one line whatever the labels hold', () => {
    const [problem] = change(app, { matchLabels: { app: `\n${'x'.repeat(100_000)}` } });
    expect(problem?.message.length).toBeLessThan(1_200);
    expect(problem?.message).not.toContain('\n');
  });

  it('says how many pods the new selector would lose', () => {
    const cluster = clusterOf({ pods: [pod('demo-a'), pod('demo-b'), pod('other', { owner: 'other' })] });
    const next = daemonSet({ selector: { matchLabels: { app: 'next' } } });
    const [problem] = selectorImmutable.check(updateOf(daemonSet(), next, { cluster }));
    expect(problem?.message).toContain('2 pods that it has now would be left behind');
  });

  describe('when it is created again', () => {
    const cluster = clusterOf({
      pods: [pod('demo-a', { owner: 'nobody' }), pod('demo-b', { owner: 'nobody' })],
      revisions: [revision('x', { owner: 'nobody' })],
    });

    it('warns of what the earlier one left and the new selector does not match', () => {
      const next = daemonSet({ selector: { matchLabels: { app: 'next' } } });
      const [problem] = selectorImmutable.check(creationOf(next, { cluster }));
      expect(problem?.message).toContain('2 pods (demo-a, demo-b) and 1 ControllerRevision (demo-x)');
      expect(problem?.atMost).toBe('warn');
    });

    it('has nothing against the old selector, another name, or a cluster that is not known', () => {
      const next = daemonSet({ selector: { matchLabels: { app: 'next' } } });
      expect(selectorImmutable.check(creationOf(daemonSet(), { cluster }))).toEqual([]);
      expect(
        selectorImmutable.check(creationOf({ ...next, metadata: { name: 'dem' } }, { cluster })),
      ).toEqual([]);
      expect(selectorImmutable.check(creationOf(next))).toEqual([]);
    });
  });
});
