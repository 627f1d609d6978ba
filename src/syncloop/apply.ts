import type { DaemonSet } from '../api/daemonset.ts';
import { DAEMONSETS } from '../api/kinds.ts';
import type { Plan } from '../core/plan.ts';
import { isNotFound } from '../kube/errors.ts';
import type { ApplyContext } from './apply-context.ts';
import { applyClaims } from './apply-claims.ts';
import { applyHistory, deleteRevision } from './apply-history.ts';
import { createPods, deletePods } from './apply-pods.ts';
import { failuresOf, throwCollected } from '../kube/in-parallel.ts';

/**
 * Carries out a plan: claims, history, pods, clean-up, status. The status is written even when pods could not
 * be created or deleted, but not when claims or history failed, because its numbers rest on them.
 *
 * @throws whatever the API server refused; the caller retries with back-off.
 * Source: upstream `syncDaemonSet`.
 */
export async function applyPlan(context: ApplyContext, plan: Plan): Promise<void> {
  await applyClaims(context, plan.claims);
  await applyHistory(context, plan.history);
  for (const { type, reason, message } of plan.events) context.recordEvent(type, reason, message);
  context.memory.rememberBackoff(plan.backoff);
  const failures = [
    ...(await createPods(context, plan.createPods)),
    ...(await deletePods(context, plan.deletePods)),
  ];
  if (failures.length === 0) {
    failures.push(...(await failuresOf(plan.cleanup, (revision) => deleteRevision(context, revision))));
  }
  failures.push(
    ...(await failuresOf(plan.status ? [plan.status] : [], (status) => writeStatus(context, status))),
  );
  throwCollected(failures);
}

/** A patch of our fields only, which merges conditions by type: those of others stay, and no conflict arises. */
async function writeStatus(
  { client, daemonSet, memory }: ApplyContext,
  status: NonNullable<Plan['status']>,
): Promise<void> {
  const { uid } = daemonSet.metadata;
  try {
    const patch = { metadata: { uid }, status };
    const options = { type: 'strategic', subresource: 'status' } as const;
    memory.wroteDaemonSet(await client.patch<DaemonSet>(DAEMONSETS, daemonSet.metadata, patch, options));
  } catch (error) {
    // Deleted in the meantime: there is nobody left to tell.
    if (!isNotFound(error)) throw error;
  }
}
