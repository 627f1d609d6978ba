import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DaemonSetUpdateStrategy } from '../../src/api/daemonset.ts';
import type { PodRecord } from '../../src/api/pod.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import type { Snapshot } from '../../src/core/plan.ts';
import { dataDigest, revisionData } from '../../src/core/history/revision-data.ts';
import { isEmptyPlan } from '../../src/core/plan.ts';
import { isEligible, isOurs, mayKeepPod, policies, snapshots } from '../builders/arbitrary-cluster.ts';
import { NOW } from '../builders/clock.ts';
import { type Fate, type Fates, settle, type Step } from '../builders/cluster-model.ts';
import { daemonSet, rollingUpdate, surging } from '../builders/daemonset.ts';
import { nodeNames, nodes } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { snapshot } from '../builders/snapshot.ts';

const PATIENCE = 200;
const NO_COUNTS = {
  desiredNumberScheduled: 0,
  currentNumberScheduled: 0,
  numberReady: 0,
  updatedNumberScheduled: 0,
  numberAvailable: 0,
  numberUnavailable: 0,
  numberMisscheduled: 0,
};

/** Runs each cluster until it is quiet and looks at what is left. */
function settles(property: (end: Snapshot, last: Step) => void): void {
  fc.assert(
    fc.property(snapshots, policies, (start, policy) => {
      const last = settle({ snapshot: start, now: NOW, policy }, PATIENCE).at(-1);
      if (last) property(last.cluster.snapshot, last);
    }),
    { numRuns: 150 },
  );
}

function podsOn({ pods }: Snapshot, node: string): readonly PodRecord[] {
  return pods.filter((pod) => isOurs(pod) && pod.targetNode === node);
}

describe('syncing until nothing changes', () => {
  it('ends, with a plan that asks for no API call', () => {
    fc.assert(
      fc.property(snapshots, policies, (start, policy) => {
        const steps = settle({ snapshot: start, now: NOW, policy }, PATIENCE);
        expect(steps.length).toBeLessThan(PATIENCE);
        expect(steps.map(({ plan }) => isEmptyPlan(plan)).at(-1)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('ends with exactly one pod on every eligible node, and it is available', () => {
    settles((end) => {
      for (const node of end.nodes.filter((node) => isEligible(end.daemonSet, node))) {
        expect(podsOn(end, node.name).map(({ ready }) => ready)).toEqual([true]);
      }
    });
  });

  it('ends with no pod on nodes that may not keep one, and at most one on those that may', () => {
    settles((end) => {
      for (const node of end.nodes.filter((node) => !isEligible(end.daemonSet, node))) {
        expect(podsOn(end, node.name).length).toBeLessThanOrEqual(mayKeepPod(end.daemonSet, node) ? 1 : 0);
      }
    });
  });

  it('ends with updated pods everywhere, unless the strategy is OnDelete', () => {
    settles((end) => {
      if (end.daemonSet.spec.updateStrategy?.type === 'OnDelete') return;
      const { desiredNumberScheduled = 0, updatedNumberScheduled } = end.daemonSet.status ?? {};
      expect(updatedNumberScheduled ?? 0).toBe(desiredNumberScheduled);
    });
  });

  it('ends with a status that agrees with the cluster', () => {
    settles((end) => {
      const eligible = end.nodes.filter((node) => isEligible(end.daemonSet, node));
      const others = end.nodes.filter((node) => !isEligible(end.daemonSet, node));
      const { conditions = [], ...status } = end.daemonSet.status ?? {};
      const complete = conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);
      if (complete.length > 0) {
        expect(complete[0]).toMatch(/^Available=True /);
        expect(complete[1]).toMatch(/^Progressing=(True RolloutComplete|Unknown OnDelete)$/);
      }
      expect({ ...NO_COUNTS, ...status }).toEqual({
        updatedNumberScheduled: expect.any(Number),
        desiredNumberScheduled: eligible.length,
        currentNumberScheduled: eligible.length,
        numberReady: eligible.length,
        numberAvailable: eligible.length,
        numberUnavailable: 0,
        numberMisscheduled: others.filter(({ name }) => podsOn(end, name).length > 0).length,
        observedGeneration: 2,
      });
    });
  });

  it('ends with one revision of the template, which has the highest number, and no more old ones than allowed', () => {
    settles((end) => {
      const wanted = dataDigest(revisionData(end.daemonSet.spec.template));
      const ours = end.revisions.filter(({ controller }) => controller?.name === 'demo');
      const current = ours.filter(({ dataDigest }) => dataDigest === wanted);
      const old = ours.filter(({ dataDigest }) => dataDigest !== wanted);
      expect(current.length).toBe(1);
      for (const { revision } of old) expect(revision).toBeLessThan(current[0]?.revision ?? 0);

      const used = new Set(end.pods.filter(isOurs).map(({ labels }) => labels['controller-revision-hash']));
      const unused = old.filter(({ labels }) => !used.has(labels['controller-revision-hash']));
      const limit = end.daemonSet.spec.revisionHistoryLimit ?? 10;
      if (old.length > limit) expect(unused).toEqual([]);
    });
  });

  it('leaves foreign pods and revisions as they were', () => {
    fc.assert(
      fc.property(snapshots, (start) => {
        const end = settle({ snapshot: start, now: NOW }, PATIENCE).at(-1)?.cluster.snapshot;
        expect(end?.revisions.filter(foreign)).toEqual(start.revisions.filter(foreign));
        expect(
          end?.pods.filter(foreign).map(({ name, labels, controller }) => ({ name, labels, controller })),
        ).toEqual(
          start.pods
            .filter((pod) => foreign(pod) && !pod.terminating && lives(start, pod))
            .map(({ name, labels, controller }) => ({ name, labels, controller })),
        );
      }),
      { numRuns: 100 },
    );
  });
});

function foreign({ controller }: PodRecord | RevisionRecord): boolean {
  return controller?.name === 'other';
}

/** Whether the pod's node is there, or the pod has none yet. */
function lives({ nodes }: Snapshot, { nodeName }: PodRecord): boolean {
  return nodeName === undefined || nodes.some(({ name }) => name === nodeName);
}

/** What becomes of pods of the new template, by node. */
const fatesByNode = fc
  .array(fc.constantFrom<Fate>('ready', 'failed', 'stuck'), { minLength: 1, maxLength: 8 })
  .map((fates) => new Map(nodeNames(fates.length).map((name, index) => [name, fates[index] ?? 'ready'])));

/** How many pods are available after each sync of a rollout, and how many the fullest node has. */
function availableDuring(
  strategy: DaemonSetUpdateStrategy,
  fates: ReadonlyMap<string, Fate>,
): readonly { readonly available: number; readonly mostOnOneNode: number }[] {
  const names = [...fates.keys()];
  const start = snapshot({
    daemonSet: daemonSet({ strategy, generation: 2 }),
    nodes: nodes(names),
    pods: names.map((name) => pod(`old-${name}`, { on: name, hash: 'old' })),
  });
  const fateOf: Fates = ({ targetNode = '' }) => fates.get(targetNode) ?? 'ready';
  return settle({ snapshot: start, now: NOW }, 60, fateOf).map(({ cluster: { snapshot: after } }) => ({
    available: after.pods.filter(({ ready, terminating }) => ready && !terminating).length,
    mostOnOneNode: Math.max(...names.map((name) => podsOn(after, name).length)),
  }));
}

describe('rolling out a template that breaks on some nodes', () => {
  const limits = fc.integer({ min: 1, max: 4 });

  it('without surge never leaves more than maxUnavailable nodes without an available pod, nor two pods on one', () => {
    fc.assert(
      fc.property(fatesByNode, limits, (fates, maxUnavailable) => {
        for (const { available, mostOnOneNode } of availableDuring(
          rollingUpdate({ maxUnavailable, maxSurge: 0 }),
          fates,
        )) {
          expect(available).toBeGreaterThanOrEqual(fates.size - maxUnavailable);
          expect(mostOnOneNode).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('with surge leaves every node with an available pod, and with two at most', () => {
    fc.assert(
      fc.property(fatesByNode, limits, (fates, maxSurge) => {
        for (const { available, mostOnOneNode } of availableDuring(surging(maxSurge), fates)) {
          expect(available).toBeGreaterThanOrEqual(fates.size);
          expect(mostOnOneNode).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 50 },
    );
  });
});
