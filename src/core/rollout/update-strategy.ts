import type { DaemonSet } from '../../api/daemonset.ts';
import type { IntOrString } from '../../api/meta.ts';

export type RolloutBudget = { readonly maxUnavailable: number; readonly maxSurge: number };

/** Thrown for a value that the API server would have refused; the sync of this DaemonSet is retried. */
export class InvalidStrategyError extends Error {
  override readonly name = 'InvalidStrategyError';
}

/** Whether pods are replaced without being deleted by hand first. An absent type means RollingUpdate. */
export function isRollingUpdate(daemonSet: DaemonSet): boolean {
  return (daemonSet.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/**
 * The rollout's limits in nodes, for `desired` eligible nodes. Percentages round up. When both come out as 0,
 * one pod may be unavailable, so that a rollout can move at all.
 *
 * @throws InvalidStrategyError for a value that is neither a whole number nor a percentage.
 * Source: upstream `updatedDesiredNodeCounts`.
 */
export function rolloutBudget(daemonSet: DaemonSet, desired: number): RolloutBudget {
  const { maxUnavailable = 1, maxSurge = 0 } = daemonSet.spec.updateStrategy?.rollingUpdate ?? {};
  const budget = {
    maxUnavailable: scale('maxUnavailable', maxUnavailable, desired),
    maxSurge: scale('maxSurge', maxSurge, desired),
  };
  const stuck = desired > 0 && budget.maxUnavailable === 0 && budget.maxSurge === 0;
  return stuck ? { ...budget, maxUnavailable: 1 } : budget;
}

/** Whether a node may hold an old and a new pod at once. Source: upstream `AllowsSurge`. */
export function allowsSurge(daemonSet: DaemonSet): boolean {
  if (!isRollingUpdate(daemonSet)) return false;
  return scale('maxSurge', daemonSet.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, 1) > 0;
}

function scale(field: string, value: IntOrString, total: number): number {
  const limit = nodesWithin(value, total);
  if (limit === undefined) {
    throw new InvalidStrategyError(
      `spec.updateStrategy.rollingUpdate.${field}: ${JSON.stringify(value)} is neither a whole number nor a percentage such as "10%"`,
    );
  }
  return limit;
}

/** How many nodes a limit allows of so many; percentages round up. Undefined for what is no limit. */
export function nodesWithin(limit: unknown, total: number): number | undefined {
  if (typeof limit === 'number' && Number.isInteger(limit)) return limit;
  const percent = typeof limit === 'string' ? /^(\d+)%$/.exec(limit)?.[1] : undefined;
  return percent === undefined ? undefined : Math.ceil((Number(percent) * total) / 100);
}
