import type { ExtraTolerations } from './placement/extra-tolerations.ts';
import type { Placement } from './placement/placement.ts';

/** What the operator has chosen for all DaemonSets. */
export type Policy = {
  /**
   * Leaves out what goes beyond upstream: status conditions, and nodes that were down before the rollout being
   * passed over by it. What would harm users if it were copied is left out either way (docs/differences.md).
   */
  readonly strictUpstream: boolean;
  /** Where a DaemonSet does not choose by annotation. */
  readonly placement: Placement;
  /** Creations, and likewise deletions, that one sync makes at most. Source: upstream `BurstReplicas`. */
  readonly burstReplicas: number;
  /** For pods of chosen DaemonSets, beside those of their template. They count when nodes are chosen, too. */
  readonly extraTolerations: readonly ExtraTolerations[];
};

export const DEFAULT_POLICY: Policy = {
  strictUpstream: false,
  placement: 'scheduler',
  // Each burst ends with a pause until the caches have caught up, so bigger ones are faster; but it is also how
  // long the status stands still.
  burstReplicas: 1000,
  extraTolerations: [],
};

/** As the built-in controller does it. */
export const UPSTREAM_POLICY: Policy = { ...DEFAULT_POLICY, strictUpstream: true, burstReplicas: 250 };
