import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../../src/api/pod.ts';
import { explainNodes } from '../../../src/core/explain/explain-nodes.ts';
import { explained } from '../../../src/core/explain/explained.ts';
import { summaryOf } from '../../../src/core/explain/group-nodes.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import { reconcile } from '../../../src/core/reconcile.ts';
import { snapshots } from '../../builders/arbitrary-cluster.ts';
import { NOW } from '../../builders/clock.ts';
import { daemonSet, type DaemonSetOverrides, ON_DELETE } from '../../builders/daemonset.ts';
import { node, nodeNames, type NodeOverrides, nodes, taint } from '../../builders/node.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';
import { snapshot } from '../../builders/snapshot.ts';

/** What is said of the pods on the node n, where `of` is the DaemonSet. */
function said(pods: readonly PodRecord[], of: DaemonSetOverrides = {}, on: NodeOverrides = {}): string {
  const set = daemonSet(of);
  const revisions = [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })];
  const explained = explainNodes(
    snapshot({ daemonSet: set, nodes: [node('n', on)], pods, revisions }),
    NOW,
    DEFAULT_POLICY,
  );
  return summaryOf(explained.nodes[0]!);
}

const on = (overrides: PodOverrides = {}): PodRecord => pod('p', { on: 'n', ...overrides });
const waiting = { phase: 'Pending', ready: false } as const;

describe('what is said of the pods of a node', () => {
  const down = { notReadySince: NOW - 1000 };
  const cases: Record<string, readonly [string, string]> = {
    'all well': [said([on()]), 'Available'],
    'no pod yet': [said([]), 'none: waits for whoever makes the pods of DaemonSets to make one'],
    'a DaemonSet that is being deleted': [
      said([], { deletionTimestamp: '2026-01-15T00:00:00Z' }),
      'none: waits for the DaemonSet, of which nothing is decided now',
    ],
    'only one that goes': [
      said([on({ terminating: true })]),
      'Terminating, waits for its containers to end; none: waits for the old pod to be gone',
    ],
    'one that cannot go': [
      said([on({ terminating: true })], {}, down),
      'Terminating, waits for its node, which is not ready; none: waits for the old pod to be gone',
    ],
    unbound: [said([on({ ...waiting, bound: false })]), 'Pending, waits for the scheduler'],
    'in trouble': [said([{ ...on(waiting), trouble: 'ImagePullBackOff' }]), 'Pending, ImagePullBackOff'],
    'not ready': [said([on({ ready: false })]), 'Running, waits for its containers to be ready'],
    'not ready, like its node': [
      said([on({ ready: false })], {}, down),
      'Running, waits for its node to be ready',
    ],
    'not ready for long enough': [
      said([on({ readyFor: 3 })], { minReadySeconds: 10 }),
      'Ready, waits for minReadySeconds',
    ],
    failed: [said([on({ phase: 'Failed' })]), 'Failed, has failed, and is about to be replaced'],
    'outdated, its turn': [
      said([on({ hash: 'old' })]),
      'Available, revision 1 (old), is about to be replaced',
    ],
    'outdated, OnDelete': [
      said([on({ hash: 'old' })], { strategy: ON_DELETE }),
      'Available, revision 1 (old), waits for somebody to delete it (OnDelete)',
    ],
    'outdated, of a revision that is gone': [
      said([on({ hash: 'lost' })], { strategy: ON_DELETE }),
      'Available, revision unknown (old), waits for somebody to delete it (OnDelete)',
    ],
    'outdated where it may only stay': [
      said([on({ hash: 'old' })], {}, { taints: [taint('gpu:NoSchedule')] }),
      'Available, revision 1 (old), keeps its revision while its node is not eligible',
    ],
    'where it may not be': [
      said([on()], {}, { taints: [taint('gpu:NoExecute')] }),
      'Available, is where it should not be, and is about to be deleted',
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [actual, expected]) => {
    expect(actual).toBe(expected);
  });

  it('outdated, and another one is being replaced', () => {
    const explained = explainNodes(
      snapshot({
        nodes: nodes(['a', 'b']),
        pods: [pod('a', { on: 'a', hash: 'old' }), pod('b', { on: 'b', hash: 'old' })],
      }),
      NOW,
      DEFAULT_POLICY,
    );
    expect(explained.nodes.map(({ pods }) => pods[0]?.note)).toEqual([
      'is about to be replaced',
      'waits for its turn in the rollout',
    ]);
  });
});

describe('an explanation', () => {
  it('says of every node and pod what a sync decides', () => {
    fc.assert(
      fc.property(snapshots, (before) => {
        const explained = explainNodes(before, NOW, DEFAULT_POLICY);
        const plan = reconcile(before, NOW, DEFAULT_POLICY);
        expect(explained.nodes.map(({ node }) => node)).toEqual(before.nodes.map(({ name }) => name));
        const missing = explained.nodes.filter(({ waitsFor }) => waitsFor.startsWith('whoever'));
        for (const { node } of plan.createPods.filter(({ reason }) => reason === 'Missing')) {
          expect(missing.map(({ node }) => node)).toContain(node);
        }
        const going = explained.nodes.flatMap(({ pods }) =>
          pods.filter(({ note }) => note.includes('is about to')),
        );
        const deleted = plan.deletePods.filter(({ reason }) => reason !== 'NodeGone');
        expect(going.map(({ name }) => name).toSorted()).toEqual(
          deleted.map(({ pod }) => pod.name).toSorted(),
        );
      }),
    );
  });

  it('of one node says of it what the whole one does, with the counts of all', () => {
    fc.assert(
      fc.property(snapshots, (before) => {
        const { nodes: each, ...counts } = explainNodes(before, NOW, DEFAULT_POLICY);
        for (const answer of each) {
          const one = explainNodes(before, NOW, DEFAULT_POLICY, answer.node);
          expect(one).toEqual({ ...counts, nodes: [answer] });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is grouped by what is the same, whatever single nodes have instead', () => {
    const set = daemonSet({ podSpec: { nodeSelector: { zone: 'a' } } });
    const all = [
      ...nodes(['a1', 'a2'], { labels: { zone: 'a' } }),
      node('b', { labels: { zone: 'b' } }),
      node('c', { labels: { zone: 'c' } }),
      node('d'),
    ];
    const found = explainNodes(
      snapshot({ daemonSet: set, nodes: all, pods: [pod('p', { on: 'a1' }), pod('q', { on: 'a2' })] }),
      NOW,
      DEFAULT_POLICY,
    );
    expect(found).toMatchObject({ eligible: 2, served: 2, misscheduled: 0 });
    expect(explained(set, found, all).groups).toMatchObject([
      { eligible: true, reason: '', pods: 'Available', nodes: ['a1', 'a2'], toTurnIt: [] },
      {
        eligible: false,
        reason: 'lacks the label zone=a that spec.nodeSelector asks for',
        pods: 'none',
        nodes: ['b', 'c', 'd'],
        toTurnIt: [{ steps: ['kubectl label node NODE zone=a --overwrite'] }, {}],
      },
    ]);
  });

  it('is grouped by all that is in the way, so that the steps hold for each node', () => {
    const set = daemonSet({ podSpec: { nodeSelector: { zone: 'a' } } });
    const all = [node('b'), node('c', { taints: [taint('gpu:NoSchedule')] }), node('d')];
    const found = explainNodes(snapshot({ daemonSet: set, nodes: all }), NOW, DEFAULT_POLICY);
    expect(explained(set, found, all).groups).toMatchObject([
      { nodes: ['b', 'd'], toTurnIt: [{ steps: ['kubectl label node NODE zone=a --overwrite'] }, {}] },
      {
        reason:
          'lacks the label zone=a that spec.nodeSelector asks for; has the taint gpu:NoSchedule, which the pod does not tolerate',
        nodes: ['c'],
        toTurnIt: [
          { steps: ['kubectl label node c zone=a --overwrite', 'kubectl taint node c gpu:NoSchedule-'] },
          {},
        ],
      },
    ]);
  });

  it('stays a few lines for 5,000 nodes', () => {
    const names = nodeNames(5000);
    const all = names.map((name, index) =>
      node(name, { taints: index % 10 === 0 ? [taint('gpu:NoSchedule')] : [] }),
    );
    const pods = names.filter((_, index) => index % 10 > 1).map((name) => pod(`p-${name}`, { on: name }));
    const found = explainNodes(snapshot({ nodes: all, pods }), NOW, DEFAULT_POLICY);
    const { groups } = explained(daemonSet(), found, all);
    expect(groups.map(({ nodes }) => nodes.length)).toEqual([4000, 500, 500]);
  });
});
