import { revisionsToDelete, DEFAULT_REVISION_HISTORY_LIMIT } from './history/cleanup-history.ts';
import { constructHistory } from './history/construct-history.ts';
import { claim, type Claims } from './ownership/claim.ts';
import { CONTROLLER_REVISION_HASH_LABEL } from '../api/keys.ts';
import type { DaemonSetCondition, DaemonSetCounts } from '../api/daemonset.ts';
import type { PodRecord, PodSpec } from '../api/pod.ts';
import type { RevisionRecord } from '../api/revision.ts';
import { newDaemonPod } from './placement/daemon-pod.ts';
import { podSpecOf } from './placement/extra-tolerations.ts';
import { placementOf } from './placement/placement.ts';
import { manage, type ManageResult } from './placement/manage.ts';
import { podsByNode, type PodsByNode } from './placement/pods-by-node.ts';
import type {
  ClaimAction,
  HistoryAction,
  NodeState,
  Plan,
  PodDeletion,
  SkipReason,
  Snapshot,
} from './plan.ts';
import type { Policy } from './policy.ts';
import { availableInMs } from './rollout/availability.ts';
import { templateGenerationOf } from './rollout/pod-updated.ts';
import { podsToReplace, type RolloutInput } from './rollout/rolling-update.ts';
import { surge } from './rollout/surge.ts';
import { allowsSurge, isRollingUpdate, rolloutBudget } from './rollout/update-strategy.ts';
import { compileEligibility } from './scheduling/eligibility.ts';
import { isEmptySelector } from './scheduling/label-selector.ts';
import { changedConditions, conditionsOf } from './status/conditions.ts';
import { countStatus, statusPatch } from './status/counts.ts';

/**
 * Decides what one sync of a DaemonSet does. A pure function of the snapshot and the time.
 *
 * @param now milliseconds since the epoch.
 * @throws InvalidStrategyError for an update strategy that the API server would have refused.
 * Source: upstream `syncDaemonSet`.
 */
export function reconcile(snapshot: Snapshot, now: number, policy: Policy): Plan {
  const { daemonSet } = snapshot;
  if (isEmptySelector(daemonSet.spec.selector)) return skip(snapshot, 'SelectsNothing');
  if (daemonSet.metadata.deletionTimestamp !== undefined) return skip(snapshot, 'Deleting');

  const pods = claim(daemonSet, snapshot.pods);
  const revisions = claim(daemonSet, snapshot.revisions);
  const history = constructHistory(daemonSet, revisions.claimed, pods.claimed);
  const claimed = relabelled(pods.claimed, history.actions);
  const byNode = podsByNode(claimed);
  const podSpec = podSpecOf(daemonSet, policy.extraTolerations);
  const rollout: RolloutState = {
    nodes: nodeStates(snapshot, podSpec, byNode),
    revision: {
      hash: history.hash,
      templateGeneration: templateGenerationOf(daemonSet),
      createdAt: Date.parse(daemonSet.metadata.creationTimestamp),
    },
    since: policy.strictUpstream ? undefined : (history.since ?? now),
    minReadySeconds: daemonSet.spec.minReadySeconds ?? 0,
    now,
  };
  const work = snapshot.expectationsSatisfied ? decidePods(snapshot, rollout, byNode) : noWork(snapshot);
  const counts = countStatus(rollout);
  const status = statusPatch(daemonSet, counts, {
    observe: snapshot.expectationsSatisfied,
    conditions: policy.strictUpstream ? undefined : newConditions(snapshot, rollout, counts),
  });
  const requeueAfterMs = earliest(work.requeueAfterMs, nextAvailability(rollout));
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

/** The pods as they are once the history is in order: one that gets another hash label is judged by that. */
function relabelled(pods: readonly PodRecord[], history: readonly HistoryAction[]): readonly PodRecord[] {
  const hashes = new Map(
    history.flatMap((action) => (action.kind === 'relabelPod' ? [[action.pod, action.hash] as const] : [])),
  );
  if (hashes.size === 0) return pods;
  return pods.map((pod) => {
    const hash = hashes.get(pod);
    return hash === undefined
      ? pod
      : { ...pod, labels: { ...pod.labels, [CONTROLLER_REVISION_HASH_LABEL]: hash } };
  });
}

type RolloutState = Omit<RolloutInput, 'budget'>;

function newConditions(
  { daemonSet }: Snapshot,
  rollout: RolloutState,
  counts: DaemonSetCounts,
): readonly DaemonSetCondition[] | undefined {
  const rolling = isRollingUpdate(daemonSet);
  const { maxUnavailable } = rolling
    ? rolloutBudget(daemonSet, counts.desiredNumberScheduled)
    : { maxUnavailable: 0 };
  const wanted = conditionsOf({ ...rollout, counts, maxUnavailable, rolling });
  return changedConditions(daemonSet.status?.conditions, wanted, rollout.now);
}

function noWork({ backoff }: Snapshot): ManageResult {
  return { nodesNeedingPods: [], podsToDelete: [], events: [], backoff, requeueAfterMs: undefined };
}

/** `manage` first; the rollout moves only when there is nothing for it to repair. */
function decidePods(snapshot: Snapshot, rollout: RolloutState, byNode: PodsByNode): ManageResult {
  const { daemonSet } = snapshot;
  const managed = manage({
    nodes: rollout.nodes,
    hash: rollout.revision.hash,
    surge: allowsSurge(daemonSet),
    minReadySeconds: rollout.minReadySeconds,
    backoff: snapshot.backoff,
    now: rollout.now,
  });
  const repairs = [...managed.podsToDelete, ...strandedPods(snapshot, byNode)];
  const busy = repairs.length > 0 || managed.nodesNeedingPods.length > 0;
  if (busy || !isRollingUpdate(daemonSet)) return { ...managed, podsToDelete: repairs };

  const desired = rollout.nodes.filter(({ eligibility }) => eligibility.shouldRun).length;
  const input = { ...rollout, budget: rolloutBudget(daemonSet, desired) };
  if (input.budget.maxSurge > 0) return { ...managed, ...surge(input) };
  return { ...managed, podsToDelete: podsToReplace(input) };
}

function nodeStates({ nodes }: Snapshot, podSpec: PodSpec, byNode: PodsByNode): readonly NodeState[] {
  const eligibility = compileEligibility(podSpec);
  return nodes.map((node) => ({
    node,
    eligibility: eligibility(node),
    pods: byNode.get(node.name) ?? [],
  }));
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

/** When the next ready pod will have been ready for minReadySeconds. */
function nextAvailability({ nodes, minReadySeconds, now }: RolloutState): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const waits = nodes
    .flatMap(({ pods }) => pods)
    .map((pod) => availableInMs(pod, minReadySeconds, now))
    .filter((wait) => wait !== undefined && wait > 0);
  return waits.reduce<number | undefined>(earliest, undefined);
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
