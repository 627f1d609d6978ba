import type { DaemonSet } from '../api/daemonset.ts';
import { CONTROLLER_REVISIONS, DAEMONSETS, PODS, type ResourceKind } from '../api/kinds.ts';
import { controllerRefOf } from '../core/ownership/claim.ts';
import type { ClaimAction } from '../core/plan.ts';
import { podRecord, revisionRecord } from '../core/records/records.ts';
import { isInvalid, isNotFound } from '../kube/errors.ts';
import type { ApplyContext } from './apply-context.ts';
import { inParallel } from '../kube/in-parallel.ts';

/** The DaemonSet is another one than the cache shows, so nothing may be adopted for it. */
export class StaleOwnerError extends Error {
  override readonly name = 'StaleOwnerError';
}

/**
 * Adopts and releases pods and revisions.
 *
 * @throws StaleOwnerError when a live look shows that the DaemonSet is gone, replaced or being deleted.
 * @throws AggregateError when the API server refused some of the patches.
 * Source: upstream `PodControllerRefManager` and `RecheckDeletionTimestamp`.
 */
export async function applyClaims(context: ApplyContext, claims: readonly ClaimAction[]): Promise<void> {
  if (claims.length === 0) return;
  // Letting go is right whatever becomes of the DaemonSet.
  const releases = inParallel(
    claims.filter((action) => !isAdoption(action)),
    (action) => applyClaim(context, action),
  );
  const [released, adopted] = await Promise.allSettled([releases, adopt(context, claims.filter(isAdoption))]);
  if (adopted.status === 'rejected') throw adopted.reason;
  if (released.status === 'rejected') throw released.reason;
}

function isAdoption({ kind }: ClaimAction): boolean {
  return kind === 'adoptPod' || kind === 'adoptRevision';
}

async function adopt(context: ApplyContext, claims: readonly ClaimAction[]): Promise<void> {
  if (claims.length === 0) return;
  await assertStillOurs(context);
  await inParallel(claims, (action) => applyClaim(context, action));
}

async function applyClaim(context: ApplyContext, action: ClaimAction): Promise<void> {
  switch (action.kind) {
    case 'adoptPod':
    case 'releasePod': {
      const patched = await patchOwner(context, PODS, action.pod, action.kind === 'adoptPod');
      if (patched) context.memory.wrotePod(podRecord(patched).resourceVersion, context.now());
      return;
    }
    case 'adoptRevision':
    case 'releaseRevision': {
      const { revision } = action;
      const patched = await patchOwner(
        context,
        CONTROLLER_REVISIONS,
        revision,
        action.kind === 'adoptRevision',
      );
      if (patched) context.memory.wroteRevision(revisionRecord(patched));
      return;
    }
  }
}

/** The uid in the patch makes it fail when the object has been replaced by another one of that name. */
async function patchOwner(
  { client, daemonSet }: ApplyContext,
  kind: ResourceKind,
  { namespace, name, uid }: { namespace: string; name: string; uid: string },
  adopt: boolean,
): Promise<unknown> {
  const ownerReferences = adopt
    ? [controllerRefOf(daemonSet)]
    : [{ $patch: 'delete', uid: daemonSet.metadata.uid }];
  try {
    const patch = { metadata: { uid, ownerReferences } };
    return await client.patch<unknown>(kind, { namespace, name }, patch, { type: 'strategic' });
  } catch (error) {
    // Released already, or gone: what was to be let go is let go.
    if (!adopt && (isNotFound(error) || isInvalid(error))) return undefined;
    throw error;
  }
}

async function assertStillOurs({ client, daemonSet }: ApplyContext): Promise<void> {
  const { namespace, name, uid } = daemonSet.metadata;
  const live = await client.get<DaemonSet>(DAEMONSETS, { namespace, name }).catch((error: unknown) => {
    if (isNotFound(error)) throw new StaleOwnerError(`original DaemonSet ${namespace}/${name} is gone`);
    throw error;
  });
  if (live.metadata.uid !== uid) {
    throw new StaleOwnerError(
      `original DaemonSet ${namespace}/${name} is gone: got uid ${live.metadata.uid}, wanted ${uid}`,
    );
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    throw new StaleOwnerError(
      `DaemonSet ${namespace}/${name} has just been deleted at ${live.metadata.deletionTimestamp}`,
    );
  }
}
