import type { IntOrString, LabelSelector, ObjectMeta } from './meta.ts';
import type { PodTemplate } from './pod.ts';

export type RollingUpdateDaemonSet = {
  readonly maxUnavailable?: IntOrString;
  readonly maxSurge?: IntOrString;
};

export type DaemonSetUpdateStrategy = {
  readonly type?: string;
  readonly rollingUpdate?: RollingUpdateDaemonSet;
};

export type DaemonSetSpec = {
  readonly selector?: LabelSelector;
  readonly template: PodTemplate;
  readonly updateStrategy?: DaemonSetUpdateStrategy;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
};

/** The counts that the sync loop computes, under the names the API gives them. */
export type DaemonSetCounts = {
  readonly desiredNumberScheduled: number;
  readonly currentNumberScheduled: number;
  readonly numberMisscheduled: number;
  readonly numberReady: number;
  readonly updatedNumberScheduled: number;
  readonly numberAvailable: number;
  readonly numberUnavailable: number;
};

export type DaemonSetCondition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase code. */
  readonly reason?: string;
  readonly message?: string;
  /** RFC 3339. */
  readonly lastTransitionTime?: string;
};

export type DaemonSetStatus = Partial<DaemonSetCounts> & {
  readonly observedGeneration?: number;
  readonly collisionCount?: number;
  /** Ours and those of others, which must survive our writes. */
  readonly conditions?: readonly DaemonSetCondition[];
  readonly [field: string]: unknown;
};

/** An `apps/v1` DaemonSet, as raw JSON: fields unknown to us stay on the object. */
export type DaemonSet = {
  readonly metadata: ObjectMeta & { readonly namespace: string };
  readonly spec: DaemonSetSpec;
  readonly status?: DaemonSetStatus;
};
