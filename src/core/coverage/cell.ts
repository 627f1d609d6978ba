import type { PodRecord } from '../../api/pod.ts';
import type { RolloutState } from '../observe.ts';
import type { NodeState } from '../plan.ts';
import { isAvailable } from '../rollout/availability.ts';
import { isPodUpdated } from '../rollout/pod-updated.ts';

/**
 * How a DaemonSet stands on one node.
 *
 * - `none`: it has no pod there, and none belongs there.
 * - `available`: its pod is of the current revision, and available.
 * - `outdated`: its pod is available, and of an older revision.
 * - `starting`: its pod is not available yet, and no trouble is known.
 * - `trouble`: a pod there cannot get any further by itself, or its node is not ready.
 * - `missing`: a pod belongs there, and there is none.
 * - `terminating`: all that is there is a pod that ends.
 * - `kept`: no pod would be made there, but one that is there may stay.
 * - `misscheduled`: its pod should not be there.
 */
export type CellState = keyof typeof CELL_CODES;

/** Each state as the one character that a row of cells has for it. */
export const CELL_CODES = {
  none: '.',
  available: 'a',
  outdated: 'o',
  starting: 's',
  trouble: 't',
  missing: 'm',
  terminating: 'd',
  kept: 'k',
  misscheduled: 'x',
} as const;

const STATES = new Map(Object.entries(CELL_CODES).map(([state, code]) => [code, state as CellState]));

/** What the character stands for; `none` for one that is not known. */
export function stateOfCode(code: string): CellState {
  return STATES.get(code as (typeof CELL_CODES)[CellState]) ?? 'none';
}

/** How the DaemonSet stands on the node; the worst that can be said of its pods there. */
export function cellOf({ node, eligibility, pods }: NodeState, rollout: RolloutState): CellState {
  const live = pods.filter(({ terminating }) => !terminating);
  const [first] = live;
  if (!first) {
    if (pods.length > 0) return 'terminating';
    return eligibility.shouldRun ? 'missing' : 'none';
  }
  if (!eligibility.shouldContinueRunning) return 'misscheduled';
  const isDown = node.notReadySince !== undefined;
  if (live.some((pod) => isInTrouble(pod, isDown))) return 'trouble';
  if (!eligibility.shouldRun) return 'kept';
  // The first stands for the node, as in the status: during a surge the old one, until it is gone.
  if (!isAvailable(first, rollout.minReadySeconds, rollout.now)) return 'starting';
  return isPodUpdated(first, rollout.revision) ? 'available' : 'outdated';
}

function isInTrouble(pod: PodRecord, isNodeDown: boolean): boolean {
  return pod.trouble !== undefined || pod.phase === 'Failed' || (isNodeDown && !pod.ready);
}
