import type { DaemonSet } from '../api/daemonset.ts';
import { CONTROLLER_REVISION_HASH_LABEL } from '../api/keys.ts';
import { CONTROLLER_REVISIONS, DAEMONSETS, PODS } from '../api/kinds.ts';
import type { RevisionManifest, RevisionRecord } from '../api/revision.ts';
import { goEscape } from '../core/history/canonical-json.ts';
import type { HistoryAction } from '../core/plan.ts';
import { podRecord, revisionRecord } from '../core/records/records.ts';
import { isAlreadyExists, isNotFound } from '../kube/errors.ts';
import type { ApplyContext } from './apply-context.ts';

/** The name of a new revision is taken by other data: the collision was counted, and the sync starts anew. */
export class RevisionCollisionError extends Error {
  override readonly name = 'RevisionCollisionError';
}

/**
 * Brings the ControllerRevisions in order, one step after the other.
 *
 * @throws RevisionCollisionError see there.
 * Source: upstream `constructHistory`, `dedupCurHistories`, `snapshot`.
 */
export async function applyHistory(context: ApplyContext, actions: readonly HistoryAction[]): Promise<void> {
  for (const action of actions) await applyHistoryAction(context, action);
}

/** Deletes a revision; one that is gone already is fine. */
export async function deleteRevision({ client }: ApplyContext, revision: RevisionRecord): Promise<void> {
  try {
    await client.delete(CONTROLLER_REVISIONS, revision, { uid: revision.uid });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function applyHistoryAction(context: ApplyContext, action: HistoryAction): Promise<void> {
  const { client, memory } = context;
  switch (action.kind) {
    case 'createRevision':
      return createRevision(context, action.manifest, action.dataDigest);
    case 'renumberRevision':
      return patchRevision(context, action.revision, { revision: action.to });
    case 'labelRevision':
      return patchRevision(context, action.revision, relabel(action.hash));
    case 'deleteRevision':
      return deleteRevision(context, action.revision);
    case 'relabelPod': {
      const pod = await client.patch<unknown>(PODS, action.pod, relabel(action.hash), { type: 'merge' });
      memory.wrotePod(podRecord(pod).resourceVersion, context.now());
      return;
    }
  }
}

function relabel(hash: string): object {
  return { metadata: { labels: { [CONTROLLER_REVISION_HASH_LABEL]: hash } } };
}

async function patchRevision(context: ApplyContext, revision: RevisionRecord, patch: object): Promise<void> {
  const patched = await context.client.patch<unknown>(CONTROLLER_REVISIONS, revision, patch, {
    type: 'merge',
  });
  context.memory.wroteRevision(revisionRecord(patched));
}

async function createRevision(
  context: ApplyContext,
  manifest: RevisionManifest,
  digest: string,
): Promise<void> {
  const { client, memory } = context;
  try {
    const created = await client.create<unknown>(
      CONTROLLER_REVISIONS,
      manifest.namespace,
      revisionBody(manifest),
    );
    memory.wroteRevision(revisionRecord(created));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const taken = revisionRecord(await client.get<unknown>(CONTROLLER_REVISIONS, manifest));
    if (taken.dataDigest !== digest) throw await countCollision(context, manifest);
    // The same data under the same name will do, whoever owns it.
  }
}

/** `data` goes out byte for byte, because upstream matches revisions by their stored bytes. */
function revisionBody({ data, revision, ...metadata }: RevisionManifest): string {
  const head = { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, revision };
  return `${goEscape(JSON.stringify(head)).slice(0, -1)},"data":${data}}`;
}

async function countCollision(context: ApplyContext, manifest: RevisionManifest): Promise<Error> {
  const { client, daemonSet, memory } = context;
  const live = await client.get<DaemonSet>(DAEMONSETS, daemonSet.metadata);
  const collisionCount = live.status?.collisionCount ?? 0;
  if (collisionCount !== (daemonSet.status?.collisionCount ?? 0)) {
    return new RevisionCollisionError(
      `found a stale collision count (${daemonSet.status?.collisionCount ?? 0}, expected ${collisionCount}) of DaemonSet ${manifest.namespace}/${daemonSet.metadata.name}; trying again`,
    );
  }
  const { uid, resourceVersion } = live.metadata;
  const patch = { metadata: { uid, resourceVersion }, status: { collisionCount: collisionCount + 1 } };
  const options = { type: 'merge', subresource: 'status' } as const;
  memory.wroteDaemonSet(await client.patch<DaemonSet>(DAEMONSETS, daemonSet.metadata, patch, options));
  return new RevisionCollisionError(
    `ControllerRevision ${manifest.namespace}/${manifest.name} holds another template; raised status.collisionCount to ${collisionCount + 1} to find a free name`,
  );
}
