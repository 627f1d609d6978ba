import type { DaemonSet, DaemonSetCondition, DaemonSetCounts, DaemonSetStatus } from '../../api/daemonset.ts';
import type { NodeState } from '../plan.ts';
import { isAvailable } from '../rollout/availability.ts';
import { isPodUpdated, type UpdateRevision } from '../rollout/pod-updated.ts';

export type CountInput = {
  readonly nodes: readonly NodeState[];
  readonly revision: UpdateRevision;
  readonly minReadySeconds: number;
  readonly now: number;
};

/**
 * The status counts. Every eligible node is represented by its first pod in `comparePods` order, so during a
 * surge the old pod stands for the node until it is gone.
 *
 * Source: upstream `updateDaemonSetStatus`.
 */
export function countStatus({ nodes, revision, minReadySeconds, now }: CountInput): DaemonSetCounts {
  const counts = {
    desiredNumberScheduled: 0,
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
    updatedNumberScheduled: 0,
    numberAvailable: 0,
    numberUnavailable: 0,
  };
  for (const { eligibility, pods } of nodes) {
    const [pod] = pods;
    if (!eligibility.shouldRun) {
      if (pod) counts.numberMisscheduled += 1;
      continue;
    }
    counts.desiredNumberScheduled += 1;
    if (!pod) continue;
    counts.currentNumberScheduled += 1;
    if (pod.ready) counts.numberReady += 1;
    if (isAvailable(pod, minReadySeconds, now)) counts.numberAvailable += 1;
    if (isPodUpdated(pod, revision)) counts.updatedNumberScheduled += 1;
  }
  counts.numberUnavailable = counts.desiredNumberScheduled - counts.numberAvailable;
  return counts;
}

/**
 * The part of the status to write, or undefined when the stored status says the same already.
 *
 * @param conditions the ones to write, if they say something new.
 * @param observe whether this sync acted on the current generation, which only then may be called observed.
 */
export function statusPatch(
  daemonSet: DaemonSet,
  counts: DaemonSetCounts,
  { observe, conditions }: { observe: boolean; conditions: readonly DaemonSetCondition[] | undefined },
): Partial<DaemonSetStatus> | undefined {
  const { status = {}, metadata } = daemonSet;
  const changed = Object.entries(counts).some(
    ([field, count]) => (status[field as keyof DaemonSetCounts] ?? 0) !== count,
  );
  const generation = metadata.generation ?? 0;
  const unobserved = observe && (status.observedGeneration ?? 0) < generation;
  if (!changed && !unobserved && !conditions) return undefined;
  return { ...counts, ...(observe && { observedGeneration: generation }), ...(conditions && { conditions }) };
}
