import type { DaemonSet } from '../../api/daemonset.ts';
import { PLACEMENT_ANNOTATION } from '../../api/keys.ts';

/**
 * How a daemon pod gets to its node: the scheduler binds it, led by node affinity, or it is created with
 * `spec.nodeName` and runs before any scheduler does.
 */
export type Placement = 'scheduler' | 'direct';

/**
 * The placement of a DaemonSet's pods: its annotation, else the cluster's. An unknown value counts as none.
 * What only a scheduler can do, it does: a pod with scheduling gates or resource claims is never placed directly.
 */
export function placementOf({ metadata, spec }: DaemonSet, fallback: Placement): Placement {
  const { schedulingGates = [], resourceClaims = [] } = spec.template.spec ?? {};
  if (schedulingGates.length > 0 || resourceClaims.length > 0) return 'scheduler';
  const wanted = metadata.annotations?.[PLACEMENT_ANNOTATION];
  return isPlacement(wanted) ? wanted : fallback;
}

export function isPlacement(value: unknown): value is Placement {
  return value === 'scheduler' || value === 'direct';
}
