import type { DeleteReason, Plan, Snapshot } from '../../src/core/plan.ts';
import { type Policy, UPSTREAM_POLICY } from '../../src/core/policy.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import { NOW } from './clock.ts';
import { snapshot } from './snapshot.ts';

/** Nothing beyond what the built-in controller does. */
export const STRICT = UPSTREAM_POLICY;

/** What reconcile decides for this cluster. */
export function planFor(overrides: Partial<Snapshot>, now = NOW, policy: Policy = STRICT): Plan {
  return reconcile(snapshot(overrides), now, policy);
}

/** Names of the pods that the plan deletes, in its order; with a reason, only those deleted for it. */
export function deletes({ deletePods }: Plan, reason?: DeleteReason): readonly string[] {
  return deletePods
    .filter((deletion) => reason === undefined || deletion.reason === reason)
    .map(({ pod }) => pod.name);
}

/** Names of the nodes that the plan creates pods on, in its order. */
export function createsOn({ createPods }: Plan): readonly string[] {
  return createPods.map(({ node }) => node);
}

/** What the plan does to the history, a phrase for each action. */
export function historyOf({ history }: Plan): readonly string[] {
  return history.map((action) => {
    switch (action.kind) {
      case 'createRevision':
        return `create ${action.manifest.name} as ${action.manifest.revision}`;
      case 'renumberRevision':
        return `renumber ${action.revision.name} to ${action.to}`;
      case 'labelRevision':
        return `label ${action.revision.name} ${action.hash}`;
      case 'relabelPod':
        return `relabel pod ${action.pod.name} ${action.hash}`;
      case 'deleteRevision':
        return `delete ${action.revision.name}`;
    }
  });
}

/** What the plan does about ownership, a phrase for each action. */
export function claimsOf({ claims }: Plan): readonly string[] {
  return claims.map((action) =>
    'pod' in action ? `${action.kind} ${action.pod.name}` : `${action.kind} ${action.revision.name}`,
  );
}
