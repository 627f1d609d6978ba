import type { DaemonSetCondition, DaemonSetCounts } from '../../api/daemonset.ts';
import { hashOf } from '../history/construct-history.ts';
import { observe } from '../observe.ts';
import type { Snapshot } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { daemonSetConditions } from '../reconcile.ts';
import { isRollingUpdate } from '../rollout/update-strategy.ts';
import { countStatus } from './counts.ts';

/** A DaemonSet at a glance: what a sync would see now, whatever its status says. */
export type Overview = DaemonSetCounts & {
  /** `namespace/name`. */
  readonly daemonSet: string;
  /** Number of the current revision; absent until it is stored. */
  readonly revision?: number;
  readonly strategy: 'RollingUpdate' | 'OnDelete';
  readonly conditions: readonly DaemonSetCondition[];
  /** Whether nobody has acted on the last change of the spec yet. */
  readonly unobserved: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
};

/**
 * Counts and conditions as the sync loop computes them, also where somebody else makes the pods and writes no
 * conditions.
 *
 * @throws InvalidStrategyError
 */
export function overviewOf(snapshot: Snapshot, now: number, policy: Policy): Overview {
  const { daemonSet } = snapshot;
  const { metadata, status = {} } = daemonSet;
  const { rollout, history, revisions } = observe(snapshot, now, policy);
  const counts = countStatus(rollout);
  const current = revisions.claimed.find((revision) => hashOf(revision) === history.hash)?.revision;
  return {
    daemonSet: `${metadata.namespace}/${metadata.name}`,
    ...counts,
    ...(current !== undefined && { revision: current }),
    strategy: isRollingUpdate(daemonSet) ? 'RollingUpdate' : 'OnDelete',
    conditions: daemonSetConditions(daemonSet, rollout, counts),
    unobserved: (status.observedGeneration ?? 0) < (metadata.generation ?? 0),
    createdAt: Date.parse(metadata.creationTimestamp),
  };
}
