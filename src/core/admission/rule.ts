import type { ClusterView } from './cluster-view.ts';
import type { BlastRadius } from './settings.ts';
import type { Level, Problem } from './verdict.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** A DaemonSet that is about to be stored or deleted. The objects are JSON of any shape. */
export type DaemonSetChange = {
  readonly operation: Operation;
  /** Empty where the sender leaves it out and nobody has filled it in. */
  readonly namespace: string;
  readonly object: unknown;
  /** The stored DaemonSet that an UPDATE replaces or a DELETE removes. */
  readonly oldObject: unknown;
  /** DeleteOptions, at DELETE. */
  readonly options?: unknown;
  /** Absent where nothing but the object is known. Rules that need it have no opinion then. */
  readonly cluster?: ClusterView;
  readonly blastRadius?: BlastRadius;
  /** Milliseconds since the epoch, where the present state of the pods is judged. */
  readonly now?: number;
};

/**
 * One rule on DaemonSets. `check` returns every field that breaks it. It never throws and has no opinion on
 * what is malformed.
 */
export type DaemonSetRule = {
  readonly id: string;
  /** The level where the configuration names none. */
  readonly level: Level;
  /** When it is asked; absent: at CREATE and UPDATE. */
  readonly operations?: readonly Operation[];
  readonly check: (change: DaemonSetChange) => readonly Problem[];
};

/** A Pod, or the pod template of another kind, that is about to be stored. JSON of any shape. */
export type PodCreation = {
  readonly namespace: string;
  /** `Pod`, or the kind whose template it is. */
  readonly kind: string;
  /** The Pod, or the object that holds the template. */
  readonly object: unknown;
  /** Who asks; empty when not known. */
  readonly username: string;
  readonly daemonPodMakers: readonly string[];
  readonly cluster?: ClusterView;
};

/** One rule on Pods, under the same terms. */
export type PodRule = Pick<DaemonSetRule, 'id' | 'level'> & {
  readonly check: (creation: PodCreation) => readonly Problem[];
};
