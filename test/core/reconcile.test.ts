import { describe, expect, it } from 'vitest';
import { InvalidStrategyError } from '../../src/core/rollout/update-strategy.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { isEmptyPlan } from '../../src/core/plan.ts';
import { NOW } from '../builders/clock.ts';
import { daemonSet, ON_DELETE, rollingUpdate } from '../builders/daemonset.ts';
import { node, nodeNames, nodes, taint } from '../builders/node.ts';
import { claimsOf, createsOn, deletes, historyOf, planFor } from '../builders/plan.ts';
import { pod, type PodOverrides } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';

const orphan = pod('orphan', { on: 'n1', owner: 'nobody' });

describe('§0 step 5, §6.3 a selector that asks for nothing', () => {
  const plan = planFor({
    daemonSet: daemonSet({ selector: {} }),
    nodes: [node('n1')],
    pods: [orphan],
    revisions: [],
  });

  it('leaves everything as it is and says why (TestPodIsNotDeletedByDaemonsetWithEmptyLabelSelector)', () => {
    expect(plan).toEqual({
      skipped: 'SelectsNothing',
      claims: [],
      history: [],
      createPods: [],
      deletePods: [],
      cleanup: [],
      events: [
        {
          type: 'Warning',
          reason: 'SelectingAll',
          message: 'This daemon set is selecting all pods. A non-empty selector is required.',
        },
      ],
      backoff: new Map(),
    });
  });
});

describe('§0 step 6, §4.4, §6.3 a DaemonSet that is being deleted', () => {
  const backoff = new Map([['n1', { delayMs: 1000, since: NOW }]]);
  const plan = planFor({
    daemonSet: daemonSet({ deletionTimestamp: '2026-01-15T12:00:00Z', generation: 9 }),
    nodes: [node('n1')],
    pods: [orphan, pod('mine', { on: 'n2' })],
    revisions: [],
    backoff,
  });

  it('gets no pods, no history, no adoption and not even a status (TestDontDoAnythingIfBeingDeleted)', () => {
    expect(plan.skipped).toBe('Deleting');
    expect(isEmptyPlan(plan)).toBe(true);
    expect(plan.backoff).toEqual(backoff);
    expect(plan.requeueAfterMs).toBeUndefined();
  });
});

describe('§0 step 9 while the caches do not show what earlier syncs wrote', () => {
  const plan = planFor({
    daemonSet: daemonSet({ minReadySeconds: 10 }),
    nodes: nodes(['n1', 'n2', 'n3']),
    pods: [
      orphan,
      pod('failed', { on: 'n2', phase: 'Failed' }),
      pod('stranded', { on: 'gone', bound: false }),
      pod('fresh', { on: 'n3', readyFor: 4, hash: 'old' }),
    ],
    revisions: [],
    expectationsSatisfied: false,
  });

  it('no pod is created or deleted, and no event recorded', () => {
    expect(createsOn(plan)).toEqual([]);
    expect(deletes(plan)).toEqual([]);
    expect(plan.events).toEqual([]);
    expect(plan.backoff.size).toBe(0);
  });

  it('claims, history and status are still put right', () => {
    expect(claimsOf(plan)).toEqual(['adoptPod orphan']);
    expect(historyOf(plan)).toEqual([expect.stringMatching(/^create demo-/)]);
    expect(plan.status).toMatchObject({ desiredNumberScheduled: 3, currentNumberScheduled: 3 });
    expect(plan.status).not.toHaveProperty('observedGeneration');
  });

  it('it still comes back when a pod will be available', () => {
    expect(plan.requeueAfterMs).toBe(6000);
  });
});

describe('§3.2 at most 250 creations and 250 deletions at a time', () => {
  const names = nodeNames(300);

  it('§9.1.16 creates on the first 250 nodes', () => {
    expect(createsOn(planFor({ nodes: nodes(names) }))).toEqual(names.slice(0, 250));
  });

  it('§9.1.16 deletes 250 pods although all may be unavailable', () => {
    const set = daemonSet({ strategy: rollingUpdate({ maxUnavailable: '100%', maxSurge: 0 }) });
    const pods = names.map((name) => pod(name, { on: name, hash: 'old' }));
    const plan = planFor({ daemonSet: set, nodes: nodes(names), pods });
    expect(deletes(plan, 'Outdated')).toEqual(names.slice(0, 250));
  });

  it('counts creations and deletions separately', () => {
    const taken = names.map((name) => `x${name}`);
    const pods = taken.map((name) => pod(name, { on: name }));
    const evicting = taken.map((name) => node(name, { taints: [taint('gpu:NoExecute')] }));
    const plan = planFor({ nodes: [...nodes(names), ...evicting], pods });
    expect([createsOn(plan).length, deletes(plan).length]).toEqual([250, 250]);
  });
});

describe('§6.4 requeues', () => {
  const set = daemonSet({ minReadySeconds: 30 });
  const after = (...pods: readonly PodOverrides[]): number | undefined =>
    planFor({
      daemonSet: set,
      nodes: nodes(pods.map((_, index) => `n${index}`)),
      pods: pods.map((overrides, index) => pod(`p${index}`, { on: `n${index}`, ...overrides })),
    }).requeueAfterMs;

  it('comes back exactly when the next pod will be available', () => {
    expect(after({ readyFor: 10 }, { readyFor: 25 }, { readyFor: 31 })).toBe(5000);
  });

  it('does not come back for pods that are available or not ready', () => {
    expect(after({ readyFor: 30 }, { ready: false, readyFor: 3 })).toBeUndefined();
  });

  it('comes back for whichever ends first, back-off or minReadySeconds', () => {
    const soon = new Map([['n2', { delayMs: 2000, since: NOW }]]);
    const late = new Map([['n2', { delayMs: 900_000, since: NOW }]]);
    const pods = [pod('p1', { on: 'n1', readyFor: 25 }), pod('p2', { on: 'n2', phase: 'Failed' })];
    const both = { daemonSet: set, nodes: nodes(['n1', 'n2']), pods };
    expect(planFor({ ...both, backoff: soon }).requeueAfterMs).toBe(2000);
    expect(planFor({ ...both, backoff: late }).requeueAfterMs).toBe(5000);
  });

  it('does not come back without minReadySeconds and back-off', () => {
    expect(planFor({ nodes: [node('n1')], pods: [pod('p1', { on: 'n1' })] })).not.toHaveProperty(
      'requeueAfterMs',
    );
  });
});

describe('§1.6 an update strategy that the API server would have refused', () => {
  const strategy = rollingUpdate({ maxUnavailable: 'all' });

  it('fails the sync', () => {
    expect(() => planFor({ daemonSet: daemonSet({ strategy }) })).toThrow(InvalidStrategyError);
  });

  it('is no matter while the strategy is OnDelete', () => {
    const set = daemonSet({ strategy: { ...strategy, ...ON_DELETE } });
    expect(createsOn(planFor({ daemonSet: set, nodes: [node('n1')] }))).toEqual(['n1']);
  });
});

function pinnedTo(name: string): readonly object[] {
  return [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }];
}

/** Where pods are created of a template that names this node. */
function whenNaming(nodeName: string): readonly string[] {
  return createsOn(planFor({ daemonSet: daemonSet({ podSpec: { nodeName } }), nodes: nodes(['n1', 'n2']) }));
}

describe('§8.1 what a first sync does', () => {
  it('launches a pod on each of 5 nodes: 5/0/0 (TestSimpleDaemonSetLaunchesPods)', () => {
    const names = nodeNames(5);
    const plan = planFor({ nodes: nodes(names), revisions: [] });
    expect(createsOn(plan)).toEqual(names);
    expect(deletes(plan)).toEqual([]);
    expect(plan.events).toEqual([]);
  });

  it('names no other node and does not bind the pods (TestSimpleDaemonSetScheduleDaemonSetPodsLaunchesPods)', () => {
    const plan = planFor({ nodes: nodes(['n1', 'n2']) });
    const targets = plan.createPods.map(({ manifest }) => [
      manifest.spec.nodeName,
      manifest.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms,
    ]);
    expect(targets).toEqual([
      [undefined, pinnedTo('n1')],
      [undefined, pinnedTo('n2')],
    ]);
  });

  it('does nothing without nodes (TestNoNodesDoesNothing)', () => {
    const plan = planFor({ daemonSet: daemonSet({ status: { observedGeneration: 1 } }) });
    expect(isEmptyPlan(plan)).toBe(true);
  });

  it('observes the generation (TestObservedGeneration)', () => {
    expect(planFor({ daemonSet: daemonSet({ generation: 7 }) }).status).toMatchObject({
      observedGeneration: 7,
    });
  });

  it('has 0, 1, 2 and 5 pods to deal with: 2/5/0 (TestDealsWithExistingPods)', () => {
    const others = ['x', 'y'].map((name) => pod(name, { on: 'n5', labels: { app: 'other' } }));
    const pods = [
      pod('a', { on: 'n3' }),
      ...['b', 'c'].map((name) => pod(name, { on: 'n4' })),
      ...['d', 'e', 'f', 'g', 'h'].map((name) => pod(name, { on: 'n5' })),
      ...others,
    ];
    const plan = planFor({ nodes: nodes(['n1', 'n2', 'n3', 'n4', 'n5']), pods });
    expect(createsOn(plan)).toEqual(['n1', 'n2']);
    expect(deletes(plan)).toEqual(['c', 'e', 'f', 'g', 'h']);
    expect(claimsOf(plan)).toEqual(['releasePod x', 'releasePod y']);
  });

  it('moves to the selected nodes (TestSelectorDaemonDeletesUnselectedPods)', () => {
    const set = daemonSet({ podSpec: { nodeSelector: { zone: 'a' } } });
    const cluster = [...nodes(['n1', 'n2'], { labels: { zone: 'a' } }), ...nodes(['n3', 'n4'])];
    const pods = ['n2', 'n3', 'n4'].map((name) => pod(`on-${name}`, { on: name }));
    const plan = planFor({ daemonSet: set, nodes: cluster, pods });
    expect(createsOn(plan)).toEqual(['n1']);
    expect(deletes(plan, 'NodeNotEligible')).toEqual(['on-n3', 'on-n4']);
  });

  it('runs on the one node that the template names (TestNameDaemonSetLaunchesPods, §9.1.21)', () => {
    expect(whenNaming('n2')).toEqual(['n2']);
    expect(whenNaming('n9')).toEqual([]);
  });
});

/** What is deleted of a pod with an edited hash and this generation label, while the template's is 2. */
function deletedWithGeneration(templateGeneration: string): readonly string[] {
  const set = daemonSet({ annotations: { 'deprecated.daemonset.template.generation': '2' } });
  const pods = [pod('p1', { on: 'n1', hash: 'edited', templateGeneration })];
  const revisions = [revision('new', { of: set })];
  return deletes(planFor({ daemonSet: set, nodes: [node('n1')], pods, revisions }));
}

describe('§9.1.10 the hash label of a pod was edited', () => {
  it('it stays while its generation label matches', () => {
    expect(deletedWithGeneration('2')).toEqual([]);
  });

  it('else it is replaced', () => {
    expect(deletedWithGeneration('1')).toEqual(['p1']);
  });
});

describe('extra tolerations of the configuration', () => {
  const tolerations = [{ key: 'gpu', operator: 'Exists' }];
  const policy = { ...DEFAULT_POLICY, extraTolerations: [{ tolerations }] };
  const content = { nodes: [node('n1', { taints: [taint('gpu:NoSchedule')] })], pods: [] };

  it('open nodes to the pods, which carry them', () => {
    expect(createsOn(planFor(content, NOW, DEFAULT_POLICY))).toEqual([]);
    const plan = planFor(content, NOW, policy);
    expect(createsOn(plan)).toEqual(['n1']);
    expect(plan.createPods[0]?.manifest.spec.tolerations).toContainEqual(tolerations[0]);
  });

  it('are no part of the history: they come and go without a rollout', () => {
    expect(historyOf(planFor({ ...content, revisions: [] }, NOW, policy))).toEqual(
      historyOf(planFor({ ...content, revisions: [] }, NOW, DEFAULT_POLICY)),
    );
  });
});
