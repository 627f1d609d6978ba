import type { RolloutState } from './observe.ts';
import { manage, type ManageResult } from './placement/manage.ts';
import type { PodDeletion, Snapshot } from './plan.ts';
import { podsToReplace } from './rollout/rolling-update.ts';
import { surge } from './rollout/surge.ts';
import { allowsSurge, isRollingUpdate, rolloutBudget } from './rollout/update-strategy.ts';

/**
 * Which pods are made and deleted now: `manage` first; the rollout moves only when there is nothing to repair.
 *
 * @param stranded pods to delete that no node of the rollout has.
 * @throws InvalidStrategyError
 */
export function decidePods(
  { daemonSet, backoff }: Pick<Snapshot, 'daemonSet' | 'backoff'>,
  rollout: RolloutState,
  stranded: readonly PodDeletion[] = [],
): ManageResult {
  const managed = manage({
    nodes: rollout.nodes,
    hash: rollout.revision.hash,
    surge: allowsSurge(daemonSet),
    minReadySeconds: rollout.minReadySeconds,
    backoff,
    now: rollout.now,
  });
  const repairs = [...managed.podsToDelete, ...stranded];
  const busy = repairs.length > 0 || managed.nodesNeedingPods.length > 0;
  if (busy || !isRollingUpdate(daemonSet)) return { ...managed, podsToDelete: repairs };

  const desired = rollout.nodes.filter(({ eligibility }) => eligibility.shouldRun).length;
  const input = { ...rollout, budget: rolloutBudget(daemonSet, desired) };
  if (input.budget.maxSurge > 0) return { ...managed, ...surge(input) };
  return { ...managed, podsToDelete: podsToReplace(input) };
}
