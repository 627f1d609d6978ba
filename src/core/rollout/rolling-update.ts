import type { PodRecord } from '../../api/pod.ts';
import type { NodeState, PodDeletion } from '../plan.ts';
import { isAvailable } from './availability.ts';
import { findUpdatedPods } from './node-pods.ts';
import { wasDownBefore } from './node-readiness.ts';
import type { UpdateRevision } from './pod-updated.ts';
import type { RolloutBudget } from './update-strategy.ts';

export type RolloutInput = {
  readonly nodes: readonly NodeState[];
  readonly revision: UpdateRevision;
  /** When the revision became current; see `wasDownBefore`. */
  readonly since: number | undefined;
  readonly budget: RolloutBudget;
  readonly minReadySeconds: number;
  readonly now: number;
};

/**
 * Which outdated pods are deleted now; `manage` puts new ones in their place in a later sync.
 *
 * Invariants:
 * - Deleting an available pod never makes more than `maxUnavailable` eligible nodes unavailable.
 * - Outdated pods that are unavailable already are replaced at once: that costs no availability.
 * - A node that was down before the rollout began neither counts nor is waited for.
 * - A pod on a node that would not get a new one stays (upstream deletes it and does not come back).
 *
 * Source: upstream `rollingUpdate`, maxSurge = 0.
 */
export function podsToReplace(input: RolloutInput): readonly PodDeletion[] {
  const replacements: PodRecord[] = [];
  const candidates: PodRecord[] = [];
  let unavailable = 0;
  for (const { node, eligibility, pods } of input.nodes) {
    if (!eligibility.shouldRun) continue;
    const found = findUpdatedPods(pods, input.revision);
    const only = soleOutdated(found);
    const available = availablePod(found, input);
    if (!available && !wasDownBefore(node, input.since)) unavailable += 1;
    if (only) (available ? candidates : replacements).push(only);
  }
  const allowed = Math.max(0, input.budget.maxUnavailable - unavailable);
  return [...replacements, ...candidates.slice(0, allowed)].map((pod) => ({ pod, reason: 'Outdated' }));
}

function soleOutdated(found: ReturnType<typeof findUpdatedPods>): PodRecord | undefined {
  return found.excess || found.newPod ? undefined : found.oldPod;
}

/** Whether the node is served by exactly one pod that is available; anything in between counts as not. */
function availablePod(
  found: ReturnType<typeof findUpdatedPods>,
  { minReadySeconds, now }: RolloutInput,
): boolean {
  if (found.excess || (found.newPod && found.oldPod)) return false;
  const pod = found.newPod ?? found.oldPod;
  return pod !== undefined && isAvailable(pod, minReadySeconds, now);
}
