import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../src/api/pod.ts';
import type { NodeRecord } from '../../src/api/node.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import type { Plan, Snapshot } from '../../src/core/plan.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import {
  isEligible,
  isOurs,
  mayKeepPod,
  NUMBERED_AT,
  policies,
  snapshots,
} from '../builders/arbitrary-cluster.ts';
import { NOW } from '../builders/clock.ts';
import { createsOn, deletes } from '../builders/plan.ts';

const RUNS = 1000;

function holds(property: (snapshot: Snapshot, plan: Plan, policy: Policy) => void): void {
  fc.assert(
    fc.property(snapshots, policies, (snapshot, policy) =>
      property(snapshot, reconcile(snapshot, NOW, policy), policy),
    ),
    { numRuns: RUNS },
  );
}

const hasEnded = ({ phase }: PodRecord): boolean => phase === 'Failed' || phase === 'Succeeded';

/** Pods of ours that are on a node, or on their way there, and count. */
function podsOn({ pods }: Snapshot, node: string): readonly PodRecord[] {
  return pods.filter((pod) => isOurs(pod) && pod.targetNode === node && !(pod.terminating && hasEnded(pod)));
}

function eligibleNodes({ daemonSet, nodes }: Snapshot): readonly NodeRecord[] {
  return nodes.filter((node) => isEligible(daemonSet, node));
}

function isAvailable({ daemonSet }: Snapshot, pod: PodRecord): boolean {
  const readyMs = NOW - (pod.readyChangedAt ?? NOW);
  return pod.ready && !pod.terminating && readyMs >= (daemonSet.spec.minReadySeconds ?? 0) * 1000;
}

/** The limit in nodes, worked out apart from the code under test. */
function limit(value: number | string | undefined, desired: number): number {
  return typeof value === 'string' ? Math.ceil((Number.parseInt(value, 10) * desired) / 100) : (value ?? 0);
}

function limits(snapshot: Snapshot): { readonly maxUnavailable: number; readonly maxSurge: number } {
  const desired = eligibleNodes(snapshot).length;
  const { maxUnavailable, maxSurge } = snapshot.daemonSet.spec.updateStrategy?.rollingUpdate ?? {};
  const surge = limit(maxSurge, desired);
  const unavailable = limit(maxUnavailable, desired);
  return { maxSurge: surge, maxUnavailable: surge === 0 ? Math.max(1, unavailable) : unavailable };
}

/** Whether the node was down before the rollout began, which then does not count it. */
function isPassedOver({ notReadySince }: NodeRecord, { history }: Plan, { strictUpstream }: Policy): boolean {
  if (strictUpstream || notReadySince === undefined) return false;
  const begins = history.some(({ kind }) => kind === 'createRevision' || kind === 'renumberRevision');
  return begins || notReadySince <= NUMBERED_AT;
}

function surges({ daemonSet }: Snapshot): boolean {
  const { type, rollingUpdate } = daemonSet.spec.updateStrategy ?? {};
  return type === 'RollingUpdate' && limit(rollingUpdate?.maxSurge, 1) > 0;
}

describe('creations', () => {
  it('never two on one node', () => {
    holds((_, plan) => {
      expect(new Set(createsOn(plan)).size).toBe(plan.createPods.length);
    });
  });

  it('only on eligible nodes, each pinned to its own', () => {
    holds((snapshot, plan) => {
      const eligible = new Set(eligibleNodes(snapshot).map(({ name }) => name));
      for (const { node, manifest } of plan.createPods) {
        expect(eligible).toContain(node);
        expect(JSON.stringify(manifest.spec.affinity)).toContain(`"values":["${node}"]`);
      }
    });
  });

  it('without surge, on every eligible node without a pod and on no other', () => {
    holds((snapshot, plan) => {
      if (surges(snapshot)) return;
      const empty = eligibleNodes(snapshot).filter(({ name }) => podsOn(snapshot, name).length === 0);
      expect(createsOn(plan)).toEqual(empty.map(({ name }) => name));
    });
  });

  it('with surge, never a third pod, and beside available old ones at most maxSurge', () => {
    holds((snapshot, plan) => {
      if (!surges(snapshot)) return;
      const living = createsOn(plan).map((node) =>
        podsOn(snapshot, node).filter((pod) => !pod.terminating && !hasEnded(pod)),
      );
      for (const pods of living) expect(pods.length).toBeLessThanOrEqual(1);
      const beside = living.filter((pods) => pods.some((pod) => isAvailable(snapshot, pod)));
      expect(beside.length).toBeLessThanOrEqual(limits(snapshot).maxSurge);
    });
  });

  it('with surge, none where the only pods are failed ones that wait in back-off', () => {
    holds((snapshot, plan) => {
      const deleted = new Set(deletes(plan));
      for (const node of createsOn(plan)) {
        const pods = podsOn(snapshot, node).filter((pod) => !pod.terminating);
        const waiting = pods.filter((pod) => pod.phase === 'Failed' && !deleted.has(pod.name));
        expect(waiting.map(({ name }) => name)).toEqual([]);
      }
    });
  });
});

describe('deletions', () => {
  it('are of our own living pods, each once, on nodes that exist or unbound', () => {
    holds((snapshot, plan) => {
      const known = new Set(snapshot.nodes.map(({ name }) => name));
      expect(new Set(deletes(plan)).size).toBe(plan.deletePods.length);
      for (const { pod } of plan.deletePods) {
        expect(snapshot.pods.map(({ name }) => name)).toContain(pod.name);
        expect(isOurs(pod)).toBe(true);
        expect(pod.terminating).toBe(false);
        expect(pod.nodeName === undefined || known.has(pod.nodeName)).toBe(true);
      }
    });
  });

  it('take every pod of ours from nodes that may not keep one', () => {
    holds((snapshot, plan) => {
      const deleted = new Set(deletes(plan));
      for (const node of snapshot.nodes.filter((node) => !mayKeepPod(snapshot.daemonSet, node))) {
        const left = podsOn(snapshot, node.name).filter((pod) => !pod.terminating && !deleted.has(pod.name));
        expect(left).toEqual([]);
      }
    });
  });

  it('leave one pod that runs on every node that has one, but for the rollout', () => {
    holds((snapshot, plan) => {
      const gone = new Set(deletes(plan).filter((name) => !deletes(plan, 'Outdated').includes(name)));
      for (const node of snapshot.nodes.filter((node) => mayKeepPod(snapshot.daemonSet, node))) {
        const running = podsOn(snapshot, node.name).filter((pod) => !pod.terminating && !hasEnded(pod));
        if (running.length > 0) expect(running.some((pod) => !gone.has(pod.name))).toBe(true);
      }
    });
  });

  it('in a rolling update never raise the number of unavailable eligible nodes above maxUnavailable', () => {
    holds((snapshot, plan, policy) => {
      if (surges(snapshot)) return;
      const outdated = plan.deletePods.filter(({ reason }) => reason === 'Outdated').map(({ pod }) => pod);
      const costly = outdated.filter((pod) => isAvailable(snapshot, pod));
      const counted = eligibleNodes(snapshot).filter((node) => !isPassedOver(node, plan, policy));
      const unavailable = counted.filter(
        ({ name }) => !podsOn(snapshot, name).some((pod) => isAvailable(snapshot, pod)),
      );
      if (costly.length === 0) return;
      expect(unavailable.length + costly.length).toBeLessThanOrEqual(limits(snapshot).maxUnavailable);
    });
  });

  it('in a rolling update are only of pods that will be made again', () => {
    holds((snapshot, plan) => {
      if (surges(snapshot)) return;
      const eligible = new Set(eligibleNodes(snapshot).map(({ name }) => name));
      for (const { pod, reason } of plan.deletePods) {
        if (reason === 'Outdated') expect(eligible).toContain(pod.targetNode);
      }
    });
  });

  it('in a surge never take the last available pod from an eligible node as outdated', () => {
    holds((snapshot, plan) => {
      if (!surges(snapshot)) return;
      const outdated = new Set(deletes(plan, 'Outdated'));
      for (const { name } of eligibleNodes(snapshot)) {
        const available = podsOn(snapshot, name).filter((pod) => isAvailable(snapshot, pod));
        const taken = available.filter((pod) => outdated.has(pod.name));
        if (taken.length > 0) expect(available.length).toBeGreaterThan(taken.length);
      }
    });
  });

  it('are none with OnDelete that a rollout would make', () => {
    holds((snapshot, plan) => {
      if (snapshot.daemonSet.spec.updateStrategy?.type !== 'OnDelete') return;
      expect(plan.deletePods.filter(({ reason }) => reason === 'Outdated')).toEqual([]);
    });
  });

  it('are not of pods that the same plan relabels as current', () => {
    holds((_, plan) => {
      const relabelled = plan.history.flatMap((action) =>
        action.kind === 'relabelPod' ? [action.pod.name] : [],
      );
      expect(deletes(plan, 'Outdated').filter((name) => relabelled.includes(name))).toEqual([]);
    });
  });
});

describe('ownership', () => {
  it('nothing that another controller owns is touched', () => {
    holds((_, plan) => {
      const touched: readonly (PodRecord | RevisionRecord)[] = [
        ...plan.claims.map((claim) => ('pod' in claim ? claim.pod : claim.revision)),
        ...plan.history.flatMap((action): readonly (PodRecord | RevisionRecord)[] => {
          if ('pod' in action) return [action.pod];
          return 'revision' in action ? [action.revision] : [];
        }),
        ...plan.deletePods.map(({ pod }) => pod),
        ...plan.cleanup,
      ];
      expect(touched.filter(({ controller }) => controller?.name === 'other')).toEqual([]);
    });
  });

  it('every pod and revision of ours that no longer matches is released, every matching orphan adopted', () => {
    holds(({ pods, revisions }, { claims }) => {
      const named = (prefix: string): readonly string[] =>
        claims
          .filter(({ kind }) => kind.startsWith(prefix))
          .map((claim) => ('pod' in claim ? claim.pod.name : claim.revision.name));
      const all = [...revisions.map((one) => ({ ...one, terminating: false })), ...pods];
      const strayed = all.filter((one) => one.controller?.name === 'demo' && one.labels['app'] !== 'demo');
      const orphans = all.filter(
        (one) => !one.controller && one.labels['app'] === 'demo' && !one.terminating,
      );
      expect(named('release')).toEqual(strayed.map(({ name }) => name));
      expect(named('adopt')).toEqual(orphans.map(({ name }) => name));
    });
  });
});

describe('the function', () => {
  it('decides the same twice, and does not write to what it was given', () => {
    // The snapshot is frozen, all but its Map.
    holds((snapshot, plan, policy) => {
      const backoff = new Map(snapshot.backoff);
      expect(reconcile(snapshot, NOW, policy)).toEqual(plan);
      expect(snapshot.backoff).toEqual(backoff);
    });
  });

  it('does not depend on the order of the pods', () => {
    fc.assert(
      fc.property(snapshots, fc.infiniteStream(fc.nat()), (snapshot, order) => {
        const shuffled = snapshot.pods
          .map((pod) => ({ pod, at: order.next().value }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ pod }) => pod);
        expect(inAnyOrder(reconcile({ ...snapshot, pods: shuffled }, NOW, DEFAULT_POLICY))).toEqual(
          inAnyOrder(reconcile(snapshot, NOW, DEFAULT_POLICY)),
        );
      }),
      { numRuns: RUNS },
    );
  });

  it('plans no more creations and deletions than one sync may make', () => {
    holds((snapshot, _, policy) => {
      const plan = reconcile(snapshot, NOW, { ...policy, burstReplicas: 2 });
      expect(plan.createPods.length).toBeLessThanOrEqual(2);
      expect(plan.deletePods.length).toBeLessThanOrEqual(2);
    });
  });

  it('leaves pods alone while earlier writes are not seen', () => {
    holds((snapshot, _, policy) => {
      const plan = reconcile({ ...snapshot, expectationsSatisfied: false }, NOW, policy);
      expect([plan.createPods, plan.deletePods, plan.cleanup, plan.events]).toEqual([[], [], [], []]);
      expect(plan.status ?? {}).not.toHaveProperty('observedGeneration');
    });
  });
});

/** The plan with its claims, relabellings and stranded pods sorted: those are independent of each other. */
function inAnyOrder(plan: Plan): object {
  return {
    ...plan,
    claims: byText(plan.claims),
    history: byText(plan.history),
    deletePods: byText(plan.deletePods),
  };
}

function byText(list: readonly unknown[]): readonly string[] {
  return list.map((item) => JSON.stringify(item)).toSorted();
}
