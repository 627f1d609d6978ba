import type { DaemonSet, DaemonSetStatus } from '../api/daemonset.ts';
import type { NodeRecord } from '../api/node.ts';
import type { PodManifest, PodRecord } from '../api/pod.ts';
import type { RevisionManifest, RevisionRecord } from '../api/revision.ts';
import type { FailedPodBackoff } from './placement/failed-pod-backoff.ts';
import type { Eligibility } from './scheduling/eligibility.ts';

/** All that one reconcile looks at: one moment of the caches, and what the shell remembers of this DaemonSet. */
export type Snapshot = {
  readonly daemonSet: DaemonSet;
  /** Every node of the cluster, sorted by name. */
  readonly nodes: readonly NodeRecord[];
  /** Pods of the DaemonSet's namespace that it controls, and those that nothing controls. */
  readonly pods: readonly PodRecord[];
  /** ControllerRevisions, chosen in the same way. */
  readonly revisions: readonly RevisionRecord[];
  /** False while the caches do not yet show what earlier syncs wrote: then only the status may be corrected. */
  readonly expectationsSatisfied: boolean;
  readonly backoff: FailedPodBackoff;
};

/** A node, whether the pod may run there, and the daemon pods it has. */
export type NodeState = {
  readonly node: NodeRecord;
  readonly eligibility: Eligibility;
  readonly pods: readonly PodRecord[];
};

/** An Event to be recorded on the DaemonSet. */
export type PlannedEvent = {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
};

export type DeleteReason = 'Failed' | 'Succeeded' | 'Duplicate' | 'NodeNotEligible' | 'NodeGone' | 'Outdated';

export type PodDeletion = { readonly pod: PodRecord; readonly reason: DeleteReason };
/** `Surge`: beside an old pod that is still there. */
export type CreateReason = 'Missing' | 'Surge';
export type PodCreation = {
  readonly node: string;
  readonly manifest: PodManifest;
  readonly reason: CreateReason;
};

export type ClaimAction =
  | { readonly kind: 'adoptPod' | 'releasePod'; readonly pod: PodRecord }
  | { readonly kind: 'adoptRevision' | 'releaseRevision'; readonly revision: RevisionRecord };

/** What has to happen to the history before pods may be made from it. */
export type HistoryAction =
  | { readonly kind: 'createRevision'; readonly manifest: RevisionManifest; readonly dataDigest: string }
  | { readonly kind: 'renumberRevision'; readonly revision: RevisionRecord; readonly to: number }
  | { readonly kind: 'labelRevision'; readonly revision: RevisionRecord; readonly hash: string }
  | { readonly kind: 'relabelPod'; readonly pod: PodRecord; readonly hash: string }
  | { readonly kind: 'deleteRevision'; readonly revision: RevisionRecord };

/** Why a sync leaves everything as it is. */
export type SkipReason = 'Deleting' | 'SelectsNothing';

/**
 * What one sync does, in this order; a failure in a step leaves out the later ones, but for the status (which
 * is left out only when claims or history failed). Plain data: it can be printed, compared and stored.
 */
export type Plan = {
  readonly skipped?: SkipReason;
  readonly claims: readonly ClaimAction[];
  readonly history: readonly HistoryAction[];
  readonly createPods: readonly PodCreation[];
  readonly deletePods: readonly PodDeletion[];
  /** Old revisions over `revisionHistoryLimit`. */
  readonly cleanup: readonly RevisionRecord[];
  /** The status to write, or undefined when the stored one says the same. */
  readonly status?: Partial<DaemonSetStatus>;
  readonly events: readonly PlannedEvent[];
  /** The back-off to remember once the plan is carried out. */
  readonly backoff: FailedPodBackoff;
  /** Look again after this time although nothing may have changed. */
  readonly requeueAfterMs?: number;
};

/** True when the plan asks for no API call at all. */
export function isEmptyPlan(plan: Plan): boolean {
  return (
    plan.claims.length === 0 &&
    plan.history.length === 0 &&
    plan.createPods.length === 0 &&
    plan.deletePods.length === 0 &&
    plan.cleanup.length === 0 &&
    plan.events.length === 0 &&
    plan.status === undefined
  );
}
