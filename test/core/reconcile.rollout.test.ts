import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import type { NodeRecord } from '../../src/api/node.ts';
import type { PodRecord, PodSpec } from '../../src/api/pod.ts';
import { isEmptyPlan, type Snapshot } from '../../src/core/plan.ts';
import { NOW } from '../builders/clock.ts';
import { applyPlan, type Cluster, type Fates, passTime, settle, step } from '../builders/cluster-model.ts';
import {
  daemonSet,
  type DaemonSetOverrides,
  ON_DELETE,
  rollingUpdate,
  surging,
} from '../builders/daemonset.ts';
import { node, nodeNames, nodes, taint } from '../builders/node.ts';
import { createsOn, deletes, historyOf, planFor } from '../builders/plan.ts';
import { pod } from '../builders/pod.ts';
import { snapshot } from '../builders/snapshot.ts';

const FIVE = ['n1', 'n2', 'n3', 'n4', 'n5'];

/** A cluster that has settled with this DaemonSet. */
function running(set: DaemonSet, cluster: readonly NodeRecord[] = nodes(FIVE)): Cluster {
  const end = settle({ snapshot: snapshot({ daemonSet: set, nodes: cluster, revisions: [] }), now: NOW }).at(
    -1,
  );
  if (!end) throw new Error('a cluster takes at least one sync to settle');
  return end.cluster;
}

/** The cluster after somebody has changed the DaemonSet. */
function edit({ snapshot: before, now }: Cluster, overrides: DaemonSetOverrides): Cluster {
  const generation = (before.daemonSet.metadata.generation ?? 0) + 1;
  const status = before.daemonSet.status ?? {};
  return {
    snapshot: snapshot({ ...before, daemonSet: daemonSet({ ...overrides, generation, status }) }),
    now,
  };
}

function image(tag: string): PodSpec {
  return { containers: [{ name: 'app', image: `pause:${tag}` }] };
}

/** The syncs that touch pods: how many creations and deletions each makes, as in upstream's tests. */
function traffic(cluster: Cluster, fates?: Fates): readonly string[] {
  return settle(cluster, 100, fates)
    .map(({ plan }) => `${plan.createPods.length}/${plan.deletePods.length}`)
    .filter((counts) => counts !== '0/0');
}

function named({ snapshot: { pods } }: Cluster): readonly string[] {
  return pods.map(({ name }) => name).toSorted();
}

describe('§8.2 TestDaemonSetUpdatesPods', () => {
  const strategy = rollingUpdate({ maxUnavailable: 2, maxSurge: 0 });

  it('deletes and creates 2, 2 and 1 of 5', () => {
    const cluster = edit(running(daemonSet({ strategy })), { strategy, podSpec: image('2') });
    expect(traffic(cluster)).toEqual(['0/2', '2/0', '0/2', '2/0', '0/1', '1/0']);
  });

  it('ends with every pod of the new revision, and the old one kept for a rollback', () => {
    const start = edit(running(daemonSet({ strategy })), { strategy, podSpec: image('2') });
    const end = settle(start).at(-1)?.cluster.snapshot;
    expect(end?.daemonSet.status).toMatchObject({ updatedNumberScheduled: 5, numberAvailable: 5 });
    expect(end?.revisions.map(({ revision }) => revision)).toEqual([1, 2]);
  });
});

describe('§8.2 TestDaemonSetUpdatesPodsWithMaxSurge', () => {
  it('creates 2, deletes the 2 old ones once the new ones are ready, and so on', () => {
    const strategy = surging(2);
    const cluster = edit(running(daemonSet({ strategy })), { strategy, podSpec: image('2') });
    expect(traffic(cluster)).toEqual(['2/0', '0/2', '2/0', '0/2', '1/0', '0/1']);
  });

  it('never has fewer available pods than nodes', () => {
    const strategy = surging('40%');
    const cluster = edit(running(daemonSet({ strategy, minReadySeconds: 15 })), {
      strategy,
      minReadySeconds: 15,
      podSpec: image('2'),
    });
    for (const { cluster: after } of settle(cluster)) {
      const available = after.snapshot.pods.filter(
        ({ ready, readyChangedAt = after.now }) => ready && after.now - readyChangedAt >= 15_000,
      );
      expect(available.length).toBeGreaterThanOrEqual(5);
    }
  });
});

describe('§8.2 TestDaemonSetUpdatesWhenNewPodIsNotReady', () => {
  it('stops when as many new pods are unavailable as may be', () => {
    const strategy = rollingUpdate({ maxUnavailable: 3, maxSurge: 0 });
    const cluster = edit(running(daemonSet({ strategy })), { strategy, podSpec: image('2') });
    expect(traffic(cluster, () => 'stuck')).toEqual(['0/3', '3/0']);
  });

  it('with surge stops when maxSurge new pods are on their way', () => {
    const strategy = surging(2);
    const cluster = edit(running(daemonSet({ strategy })), { strategy, podSpec: image('2') });
    expect(traffic(cluster, () => 'stuck')).toEqual(['2/0']);
  });
});

describe('§8.2 TestDaemonSetUpdatesSomeOldPodsNotReady', () => {
  it('a second update replaces the broken pods of the first and leaves the healthy ones to the budget', () => {
    const strategy = rollingUpdate({ maxUnavailable: 2, maxSurge: 0 });
    const first = edit(running(daemonSet({ strategy })), { strategy, podSpec: image('broken') });
    const stuck = settle(first, 20, () => 'stuck').at(-1)?.cluster ?? first;
    const broken = stuck.snapshot.pods.filter(({ ready }) => !ready).map(({ name }) => name);
    expect(broken.length).toBe(2);
    const { plan } = step(edit(stuck, { strategy, podSpec: image('2') }));
    expect(deletes(plan).toSorted()).toEqual(broken.toSorted());
  });
});

describe('§8.2 TestDaemonSetUpdatesNoTemplateChanged', () => {
  it('a change of the strategy alone restarts nothing and makes no revision', () => {
    const before = running(daemonSet({ strategy: ON_DELETE }));
    const strategy = rollingUpdate({ maxUnavailable: 5, maxSurge: 0 });
    const { plan, cluster } = step(edit(before, { strategy }));
    expect(plan.history).toEqual([]);
    expect(named(cluster)).toEqual(named(before));
  });
});

describe('§8.2 TestDaemonSetUpdatesPodsNotMatchTainstWithMaxSurge', () => {
  const tolerations = [{ key: 'zone', operator: 'Exists' }];
  const strategy = surging(1);
  const tainted = node('n1', { taints: [taint('zone:NoSchedule')] });

  it('the pod of a node that is eligible no longer goes, and no other comes', () => {
    const start = running(daemonSet({ strategy, podSpec: { tolerations } }), [tainted, ...nodes(['n2'])]);
    const cluster = edit(start, { strategy });
    const end = settle(cluster).at(-1)?.cluster.snapshot;
    expect(end?.pods.map(({ targetNode }) => targetNode)).toEqual(['n2']);
    expect(end?.daemonSet.status).toMatchObject({ desiredNumberScheduled: 1, numberMisscheduled: 0 });
  });
});

describe('§9.1.13 rollback', () => {
  const strategy = rollingUpdate({ maxUnavailable: 1, maxSurge: 0 });
  const before = running(daemonSet({ strategy, podSpec: image('1') }));
  const first = step(edit(before, { strategy, podSpec: image('broken') })).cluster;
  const halfWay = settle(first, 20, () => 'stuck').at(-1)?.cluster ?? first;

  it('in the middle of a broken rollout restarts no pod that was not updated yet (conformance)', () => {
    const survivors = halfWay.snapshot.pods.filter(({ ready }) => ready).map(({ name }) => name);
    expect(survivors.length).toBe(4);
    const end = settle(edit(halfWay, { strategy, podSpec: image('1') })).at(-1)?.cluster;
    expect(end && named(end)).toEqual(expect.arrayContaining(survivors));
    expect(end?.snapshot.daemonSet.status).toMatchObject({ updatedNumberScheduled: 5, numberAvailable: 5 });
  });

  it('gives the old revision a new number and toggles when done twice', () => {
    const back = step(edit(halfWay, { strategy, podSpec: image('1') }));
    expect(historyOf(back.plan)).toEqual([expect.stringMatching(/^renumber demo-\w+ to 3$/)]);
    const again = step(edit(back.cluster, { strategy, podSpec: image('broken') }));
    expect(historyOf(again.plan)).toEqual([expect.stringMatching(/^renumber demo-\w+ to 4$/)]);
  });
});

const failsOnFirst: Fates = ({ targetNode }) => (targetNode === 'n1' ? 'failed' : 'ready');

describe('§9.1.4 pods that are rejected again and again', () => {
  it.each([
    ['without surge', rollingUpdate({ maxUnavailable: 1, maxSurge: 0 })],
    ['with surge (upstream multiplies them: kubernetes#124388)', surging(1)],
  ])('do not pile up %s', (_, strategy) => {
    const set = daemonSet({ strategy });
    const start = { snapshot: snapshot({ daemonSet: set, nodes: nodes(['n1', 'n2']) }), now: NOW };
    for (const { cluster } of settle(start, 40, failsOnFirst)) {
      expect(
        cluster.snapshot.pods.filter(({ targetNode }) => targetNode === 'n1').length,
      ).toBeLessThanOrEqual(2);
    }
  });

  it('a surging pod whose host port is taken waits, beside the old one and without a third', () => {
    const strategy = surging(2);
    const cluster = edit(running(daemonSet({ strategy })), { strategy, podSpec: image('2') });
    const end = settle(cluster, 20, () => 'unbound').at(-1)?.cluster;
    const perNode = FIVE.map(
      (name) => end?.snapshot.pods.filter(({ targetNode }) => targetNode === name).length,
    );
    expect(perNode).toEqual([2, 2, 1, 1, 1]);
    expect(end?.snapshot.daemonSet.status).toMatchObject({ numberAvailable: 5 });
  });

  it('§8.1 TestDaemonKillFailedPodsBackoff: are replaced after 1, 2, 4, 8 … s and 15 min at most', () => {
    const start = { snapshot: snapshot({ nodes: nodes(['n1']) }), now: NOW };
    const waits = settle(start, 80, () => 'failed').map(({ cluster }) =>
      Math.round((cluster.snapshot.backoff.get('n1')?.delayMs ?? 0) / 1000),
    );
    expect([...new Set(waits)]).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
  });
});

describe('§3.7 a replacement waits for the pod before it', () => {
  it('to be really gone', () => {
    const cluster = {
      snapshot: snapshot({ nodes: nodes(['n1']), pods: [pod('p1', { on: 'n1', terminating: true })] }),
      now: NOW,
    };
    expect(createsOn(step(cluster).plan)).toEqual([]);
    expect(createsOn(step(passTime(cluster, 1000)).plan)).toEqual(['n1']);
  });
});

describe('§9.1.16 more nodes than one sync can serve', () => {
  it('the rest follows in the next one', () => {
    const names = nodeNames(600);
    const start: Cluster = { snapshot: snapshot({ nodes: nodes(names) }), now: NOW };
    const sizes = settle(start).map(({ plan }) => createsOn(plan).length);
    expect(sizes.filter((size) => size > 0)).toEqual([250, 250, 100]);
  });
});

describe('§10.3 steady state', () => {
  it('asks for nothing', () => {
    expect(isEmptyPlan(step(running(daemonSet())).plan)).toBe(true);
  });

  it('is reached again by a second sync on what the first one made', () => {
    const start: Snapshot = snapshot({ nodes: nodes(FIVE), revisions: [] });
    const first = planFor(start);
    const second = step(applyPlan({ snapshot: start, now: NOW }, first)).plan;
    expect([createsOn(second), deletes(second), historyOf(second)]).toEqual([[], [], []]);
  });
});

describe('node churn', () => {
  const start = running(daemonSet());
  const change = (
    cluster: readonly NodeRecord[],
    pods: readonly PodRecord[] = start.snapshot.pods,
  ): Cluster => ({
    snapshot: snapshot({ ...start.snapshot, nodes: cluster, pods }),
    now: start.now,
  });

  it('a new node gets its pod', () => {
    expect(createsOn(step(change(nodes([...FIVE, 'n6']))).plan)).toEqual(['n6']);
  });

  it('§2.2 a vanished node takes its pod along, by PodGC and not by us', () => {
    const { plan } = step(change(nodes(FIVE.slice(1))));
    expect(deletes(plan)).toEqual([]);
    expect(plan.status).toMatchObject({ desiredNumberScheduled: 4 });
  });

  it('a pod that somebody deleted comes back', () => {
    expect(createsOn(step(change(nodes(FIVE), start.snapshot.pods.slice(1))).plan)).toEqual(['n1']);
  });

  it('§2.2 a cordoned node keeps its pod and would get one', () => {
    const cordoned = node('n1', { taints: [taint('node.kubernetes.io/unschedulable:NoSchedule')] });
    expect(isEmptyPlan(step(change([cordoned, ...nodes(FIVE.slice(1))])).plan)).toBe(true);
  });
});
