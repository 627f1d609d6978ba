import type { ExtraTolerations } from '../placement/extra-tolerations.ts';
import type { Level } from './verdict.ts';

/** Levels by rule id, where they differ from the rule's own. */
export type RuleLevels = Readonly<Record<string, Level>>;

/** Shares in percent of the pods that a DaemonSet has. Above 100 is never. */
export type BlastLimits = {
  /** An update that concerns more pods than this is warned of. */
  readonly warnPercent: number;
  /** One that concerns more than this needs the annotation `everynode.dev/confirm`. */
  readonly confirmPercent: number;
};

export type BlastRadius = {
  /** Pods that go and do not come back. */
  readonly removal: BlastLimits;
  /** Pods that are replaced by the rollout that follows. */
  readonly replacement: BlastLimits;
};

/** What the cluster's configuration says about admission. */
export type AdmissionSettings = {
  readonly rules: RuleLevels;
  readonly blastRadius: BlastRadius;
  /** Users that may make the pods of DaemonSets, beside the built-in controller. */
  readonly daemonPodMakers: readonly string[];
  readonly extraTolerations: readonly ExtraTolerations[];
};

export const DEFAULT_SETTINGS: AdmissionSettings = {
  rules: {},
  blastRadius: {
    removal: { warnPercent: 10, confirmPercent: 50 },
    // A rollout is what updates are for, and maxUnavailable holds it in bounds.
    replacement: { warnPercent: 10, confirmPercent: 100 },
  },
  daemonPodMakers: [],
  extraTolerations: [],
};

/** Rules that the configuration turns off by name. What is off at admission by itself, as good advice is, is not among them. */
export function rulesOff({ rules }: Pick<AdmissionSettings, 'rules'>): ReadonlySet<string> {
  return new Set(Object.keys(rules).filter((id) => rules[id] === 'off'));
}
