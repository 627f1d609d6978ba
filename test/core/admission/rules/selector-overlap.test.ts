import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../../src/api/daemonset.ts';
import type { LabelSelector, StringMap } from '../../../../src/api/meta.ts';
import { checkDaemonSet } from '../../../../src/core/admission/check-daemonset.ts';
import { selectorOverlapRule } from '../../../../src/core/admission/rules/selector-overlap.ts';
import { type ClusterContent, clusterOf, workload } from '../../../builders/cluster-view.ts';
import { daemonSet } from '../../../builders/daemonset.ts';
import { pod } from '../../../builders/pod.ts';
import { creationOf, updateOf } from './daemonset-change.ts';

function agent(
  name: string,
  labels: StringMap,
  selector: LabelSelector = { matchLabels: labels },
): DaemonSet {
  return daemonSet({ name, selector, templateMetadata: { labels } });
}

function levels(object: DaemonSet, content: ClusterContent, before?: DaemonSet): readonly string[] {
  const around = { cluster: clusterOf(content) };
  const change = before ? updateOf(before, object, around) : creationOf(object, around);
  return checkDaemonSet(change, {}, [selectorOverlapRule]).map(({ level }) => level);
}

function problemsOf(object: DaemonSet, content: ClusterContent): readonly string[] {
  return selectorOverlapRule
    .check(creationOf(object, { cluster: clusterOf(content) }))
    .map(({ message }) => message);
}

const log = agent('log', { app: 'log', node: 'all' }, { matchLabels: { app: 'log' } });

describe('rule selector-overlap', () => {
  it('denies a DaemonSet that selects what another makes, in either direction, and prints the labels', () => {
    const other = agent('log-debug', { app: 'log', debug: 'yes' });
    expect(levels(other, { daemonSets: [log] })).toEqual(['deny']);
    expect(levels(log, { daemonSets: [other] })).toEqual(['deny']);
    const [message] = problemsOf(other, { daemonSets: [log] });
    expect(message).toContain('DaemonSet "log"');
    expect(message).toContain('app=log,debug=yes');
  });

  it('says the same whatever the order in which a cache has the others', () => {
    const others = ['a', 'b', 'c'].map((name) => agent(name, { [name]: 'yes' }));
    const told = problemsOf(log, { daemonSets: others });
    expect(told[0]).toContain('DaemonSet "a", DaemonSet "b"');
    expect(problemsOf(log, { daemonSets: others.toReversed() })).toEqual(told);
    const same = ['a', 'b'].map((name) => agent(name, { app: 'log' }));
    expect(problemsOf(log, { daemonSets: same.toReversed() })).toEqual(problemsOf(log, { daemonSets: same }));
  });

  it.each<[string, ClusterContent]>([
    ['itself', { daemonSets: [log] }],
    [
      'a DaemonSet that is being deleted',
      {
        daemonSets: [
          {
            ...agent('x', { app: 'log' }),
            metadata: { ...agent('x', {}).metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
          },
        ],
      },
    ],
    [
      'one in another namespace',
      {
        daemonSets: [
          { ...agent('x', { app: 'log' }), metadata: { ...agent('x', {}).metadata, namespace: 'other' } },
        ],
      },
    ],
    [
      'a selector that excludes it by value',
      { daemonSets: [agent('x', { app: 'web' })], workloads: [workload('Deployment', 'web')] },
    ],
    [
      'orphans that wait to be adopted',
      { pods: [pod('log-abcde', { owner: 'nobody', labels: { app: 'log' } })] },
    ],
    [
      'a Pod that is going',
      { pods: [pod('going', { owner: 'nobody', labels: { app: 'log' }, hash: null, terminating: true })] },
    ],
  ])('has nothing against %s', (_, content) => {
    expect(levels(log, content)).toEqual([]);
  });

  it('warns of other kinds and of bare Pods, and never denies them', () => {
    const deployment = workload('Deployment', 'logs', { podLabels: { app: 'log', tier: 'web' } });
    const bare = pod('probe', { owner: 'nobody', labels: { app: 'log' }, hash: null });
    expect(levels(log, { workloads: [deployment], pods: [bare] })).toEqual(['warn', 'warn']);
    expect(problemsOf(log, { pods: [bare] })[0]).toContain('Pod "probe"');
  });

  it('gives one warning for all selectors that only a pod with labels of both would match', () => {
    const others = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      workload('Deployment', name, { podLabels: { web: name } }),
    );
    expect(levels(log, { workloads: others })).toEqual(['warn']);
    const [message] = problemsOf(log, { workloads: others });
    expect(message).toContain('Deployment "a", Deployment "b", Deployment "c" and 2 more');
    expect(message).toContain('app=log,web=a');
  });

  it('decides over expressions', () => {
    const notDebug = agent(
      'x',
      { app: 'log', tier: 'x' },
      { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['log'] }] },
    );
    expect(levels(log, { daemonSets: [notDebug] })).toEqual([]);
    const some = agent('x', { tier: 'x' }, { matchExpressions: [{ key: 'app', operator: 'Exists' }] });
    expect(levels(log, { daemonSets: [some] })).toEqual(['deny']);
  });

  it('does not refuse an update for what stood before it', () => {
    const other = agent('log-debug', { app: 'log', debug: 'yes' });
    const next = { ...other, spec: { ...other.spec, minReadySeconds: 9 } };
    expect(levels(next, { daemonSets: [log] }, other)).toEqual(['warn']);
    expect(levels(agent('web', { app: 'log' }), { daemonSets: [log] }, agent('web', { app: 'web' }))).toEqual(
      ['deny'],
    );
  });

  it('has no opinion without a cluster, nor on what is malformed', () => {
    expect(selectorOverlapRule.check(creationOf(log))).toEqual([]);
    const cluster = clusterOf({ daemonSets: [log] });
    for (const spec of [null, {}, { selector: 7 }, { selector: { matchLabels: { app: 3 } } }]) {
      expect(selectorOverlapRule.check(creationOf({ metadata: {}, spec }, { cluster }))).toEqual([]);
    }
  });
});
