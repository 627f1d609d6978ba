import { revisionsToDelete, DEFAULT_REVISION_HISTORY_LIMIT } from './history/cleanup-history.ts';
import type { Claims } from './ownership/claim.ts';
import type { DaemonSet, DaemonSetCondition, DaemonSetCounts } from '../api/daemonset.ts';
import type { PodRecord } from '../api/pod.ts';
import type { RevisionRecord } from '../api/revision.ts';
import { decidePods } from './decide-pods.ts';
import { type Observation, observe, type RolloutState } from './observe.ts';
import { newDaemonPod } from './placement/daemon-pod.ts';
import { placementOf } from './placement/placement.ts';
import type { ManageResult } from './placement/manage.ts';
import type { PodsByNode } from './placement/pods-by-node.ts';
import type { ClaimAction, Plan, PodDeletion, SkipReason, Snapshot } from './plan.ts';
import type { Policy } from './policy.ts';
import { nextAvailability } from './rollout/availability.ts';
import { isRollingUpdate, rolloutBudget } from './rollout/update-strategy.ts';
import { isEmptySelector } from './scheduling/label-selector.ts';
import { changedConditions, conditionsOf } from './status/conditions.ts';
import { countStatus, statusPatch } from './status/counts.ts';

/**
 * Decides what one sync of a DaemonSet does. A pure function of the snapshot and the time.
 *
 * @param now milliseconds since the epoch.
 * @param observation what `observe` says of the same; for who has asked it already.
 * @throws InvalidStrategyError for an update strategy that the API server would have refused.
 * Source: upstream `syncDaemonSet`.
 */
export function reconcile(snapshot: Snapshot, now: number, policy: Policy, observation?: Observation): Plan {
  const { daemonSet } = snapshot;
  if (isEmptySelector(daemonSet.spec.selector)) return skip(snapshot, 'SelectsNothing');
  if (daemonSet.metadata.deletionTimestamp !== undefined) return skip(snapshot, 'Deleting');

  const { pods, revisions, history, claimed, byNode, podSpec, rollout } =
    observation ?? observe(snapshot, now, policy);
  const work = snapshot.expectationsSatisfied
    ? decidePods(snapshot, rollout, strandedPods(snapshot, byNode))
    : noWork(snapshot);
  const counts = countStatus(rollout);
  const status = statusPatch(daemonSet, counts, {
    observe: snapshot.expectationsSatisfied,
    conditions: policy.strictUpstream
      ? undefined
      : changedConditions(daemonSet.status?.conditions, daemonSetConditions(daemonSet, rollout, counts), now),
  });
  const requeueAfterMs = earliest(
    work.requeueAfterMs,
    nextAvailability(rollout.nodes, rollout.minReadySeconds, now),
  );
  const placement = placementOf(daemonSet, policy.placement);
  const limit = daemonSet.spec.revisionHistoryLimit ?? DEFAULT_REVISION_HISTORY_LIMIT;

  return {
    claims: claimActions(pods, revisions),
    history: history.actions,
    createPods: work.nodesNeedingPods.slice(0, policy.burstReplicas).map((node) => ({
      node,
      manifest: newDaemonPod(daemonSet, podSpec, { node, revision: rollout.revision, placement }),
      reason: byNode.has(node) ? 'Surge' : 'Missing',
    })),
    deletePods: work.podsToDelete.slice(0, policy.burstReplicas),
    cleanup: snapshot.expectationsSatisfied ? revisionsToDelete(history.old, claimed, limit) : [],
    ...(status && { status }),
    events: work.events,
    backoff: work.backoff,
    ...(requeueAfterMs !== undefined && { requeueAfterMs }),
  };
}

/** The conditions that the rollout's state comes to, stored or not. */
export function daemonSetConditions(
  daemonSet: DaemonSet,
  rollout: RolloutState,
  counts: DaemonSetCounts,
): readonly DaemonSetCondition[] {
  const rolling = isRollingUpdate(daemonSet);
  const { maxUnavailable } = rolling
    ? rolloutBudget(daemonSet, counts.desiredNumberScheduled)
    : { maxUnavailable: 0 };
  return conditionsOf({ ...rollout, counts, maxUnavailable, rolling });
}

function noWork({ backoff }: Snapshot): ManageResult {
  return { nodesNeedingPods: [], podsToDelete: [], events: [], backoff, requeueAfterMs: undefined };
}

/** Unbound pods meant for nodes that are gone: nobody else would ever collect them. */
function strandedPods({ nodes }: Snapshot, byNode: PodsByNode): readonly PodDeletion[] {
  const known = new Set(nodes.map(({ name }) => name));
  return [...byNode]
    .filter(([node]) => !known.has(node))
    .flatMap(([, pods]) => pods)
    .filter((pod) => pod.nodeName === undefined && !pod.terminating)
    .map((pod) => ({ pod, reason: 'NodeGone' }));
}

function claimActions(pods: Claims<PodRecord>, revisions: Claims<RevisionRecord>): readonly ClaimAction[] {
  return [
    ...revisions.adopt.map((revision): ClaimAction => ({ kind: 'adoptRevision', revision })),
    ...revisions.release.map((revision): ClaimAction => ({ kind: 'releaseRevision', revision })),
    ...pods.adopt.map((pod): ClaimAction => ({ kind: 'adoptPod', pod })),
    ...pods.release.map((pod): ClaimAction => ({ kind: 'releasePod', pod })),
  ];
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}

function skip(snapshot: Snapshot, skipped: SkipReason): Plan {
  const selectingAll = {
    type: 'Warning',
    reason: 'SelectingAll',
    message: 'This daemon set is selecting all pods. A non-empty selector is required.',
  } as const;
  return {
    skipped,
    claims: [],
    history: [],
    createPods: [],
    deletePods: [],
    cleanup: [],
    events: skipped === 'SelectsNothing' ? [selectingAll] : [],
    backoff: snapshot.backoff,
  };
}
