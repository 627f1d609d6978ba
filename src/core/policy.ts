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
};

export const DEFAULT_POLICY: Policy = { strictUpstream: false, placement: 'scheduler' };
