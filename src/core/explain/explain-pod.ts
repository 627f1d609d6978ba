import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import type { PodRecord } from '../../api/pod.ts';
import type { RevisionRecord } from '../../api/revision.ts';
import { numberOf } from '../history/construct-history.ts';
import type { RolloutState } from '../observe.ts';
import type { DeleteReason, NodeState } from '../plan.ts';
import { availableInMs } from '../rollout/availability.ts';
import { isPodUpdated } from '../rollout/pod-updated.ts';

/** A daemon pod as a person wants to know it. */
export type PodAnswer = {
  readonly name: string;
  /** Number of its revision; absent where that is not stored. */
  readonly revision?: number;
  /** Whether that is the revision that new pods get. */
  readonly current: boolean;
  readonly ageSeconds: number;
  /** `Available`, `Ready` (not for long enough), `Terminating`, or its phase. */
  readonly state: string;
  /** What it waits for, what its trouble is, or why it goes; empty where all is as it should be. */
  readonly note: string;
  /** How long it still has to stay ready to count as available. */
  readonly availableInSeconds?: number;
};

/** What pods are held against. */
export type PodContext = {
  readonly rollout: RolloutState;
  readonly revisions: readonly RevisionRecord[];
  /** Whether outdated pods are replaced without being deleted by hand. */
  readonly rolling: boolean;
  /** Why a pod would be deleted now, by its uid. */
  readonly deleting: ReadonlyMap<string, DeleteReason>;
};

export function explainPod(pod: PodRecord, state: NodeState, context: PodContext): PodAnswer {
  const { rollout, revisions } = context;
  const revision = numberOf(pod.labels[CONTROLLER_REVISION_HASH_LABEL], revisions);
  const availableIn = availableInMs(pod, rollout.minReadySeconds, rollout.now) ?? 0;
  return {
    name: pod.name,
    ...(revision !== undefined && { revision }),
    current: isPodUpdated(pod, rollout.revision),
    ageSeconds: Math.max(0, Math.floor((rollout.now - pod.createdAt) / 1000)),
    state: stateOf(pod, rollout),
    note: noteOn(pod, state, context),
    ...(availableIn > 0 && { availableInSeconds: Math.ceil(availableIn / 1000) }),
  };
}

function stateOf(pod: PodRecord, { minReadySeconds, now }: RolloutState): string {
  if (pod.terminating) return 'Terminating';
  if (!pod.ready) return pod.phase;
  return availableInMs(pod, minReadySeconds, now) === 0 ? 'Available' : 'Ready';
}

/** How it is said that, and why, a pod goes. */
const GOES: Readonly<Record<DeleteReason, string>> = {
  Failed: 'has failed, and is about to be replaced',
  Succeeded: 'has ended, and is about to be replaced',
  Duplicate: 'is one too many on its node, and is about to be deleted',
  NodeNotEligible: 'is where it should not be, and is about to be deleted',
  NodeGone: 'has lost its node, and is about to be deleted',
  Outdated: 'is about to be replaced',
};

function noteOn(
  pod: PodRecord,
  { node, eligibility: { shouldRun: eligible } }: NodeState,
  { rollout, rolling, deleting }: PodContext,
): string {
  const isDown = node.notReadySince !== undefined;
  if (pod.terminating)
    return isDown ? 'waits for its node, which is not ready' : 'waits for its containers to end';
  const reason = deleting.get(pod.uid);
  if (reason !== undefined) return GOES[reason];
  if (pod.trouble !== undefined) return pod.trouble;
  if (pod.nodeName === undefined) return 'waits for the scheduler';
  if (!pod.ready) return isDown ? 'waits for its node to be ready' : 'waits for its containers to be ready';
  if (!isPodUpdated(pod, rollout.revision)) {
    if (!eligible) return 'keeps its revision while its node is not eligible';
    return rolling ? 'waits for its turn in the rollout' : 'waits for somebody to delete it (OnDelete)';
  }
  return availableInMs(pod, rollout.minReadySeconds, rollout.now) === 0 ? '' : 'waits for minReadySeconds';
}
