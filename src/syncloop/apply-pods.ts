import { PODS } from '../api/kinds.ts';
import type { PodCreation, PodDeletion } from '../core/plan.ts';
import { podRecord } from '../core/records/records.ts';
import type { Flow } from '../kube/transport.ts';
import { ApiError, hasCause, isConflict, isNotFound } from '../kube/errors.ts';
import type { ApplyContext } from './apply-context.ts';
import { failuresOf } from '../kube/in-parallel.ts';
import { AT_ONCE } from './slow-start.ts';

/**
 * Creates the pods, slowly at first; no more is begun after a refusal, or once the DaemonSet has changed.
 *
 * @returns the refusals; what was left out is not among them.
 * @throws AbortError when the signal came, once those under way have ended.
 * Source: upstream `syncNodes`.
 */
export async function createPods(
  context: ApplyContext,
  creations: readonly PodCreation[],
): Promise<readonly unknown[]> {
  const { memory, signal, isCurrent } = context;
  const failures = await memory.slowStart.run(
    creations,
    async (creation) => !signal.aborted && isCurrent() && createPod(context, creation),
  );
  signal.throwIfAborted();
  return failures;
}

/** False when the namespace is being deleted: then no pod is wanted, and none would be accepted. */
async function createPod(context: ApplyContext, { manifest, reason }: PodCreation): Promise<boolean> {
  const { client, memory, recordEvent } = context;
  try {
    const pod = podRecord(
      await client.create<unknown>(PODS, manifest.metadata.namespace, manifest, flowOf(context)),
    );
    memory.wrotePod(pod.resourceVersion, context.now());
    context.onCreated(pod, reason);
    recordEvent('Normal', 'SuccessfulCreate', `Created pod: ${pod.name}`);
    return true;
  } catch (error) {
    if (hasCause(error, 'NamespaceTerminating')) return false;
    // No answer, or one from a server in trouble: the pod may exist all the same.
    if (!(error instanceof ApiError) || error.status >= 500) memory.lostAnswer();
    if (!context.signal.aborted)
      recordEvent('Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
    throw error;
  }
}

/**
 * Deletes the pods, each with its own grace period; no more is begun once the DaemonSet has changed.
 *
 * @returns the refusals.
 */
export function deletePods(
  context: ApplyContext,
  deletions: readonly PodDeletion[],
): Promise<readonly unknown[]> {
  const { signal, isCurrent } = context;
  return failuresOf(
    deletions,
    async (deletion) => {
      if (!signal.aborted && isCurrent()) await deletePod(context, deletion);
    },
    AT_ONCE,
  );
}

async function deletePod(context: ApplyContext, { pod, reason }: PodDeletion): Promise<void> {
  const { client, memory, recordEvent } = context;
  try {
    // The uid keeps a pod safe that took over the name.
    await client.delete(PODS, pod, { uid: pod.uid, ...flowOf(context) });
    memory.deletedPod(pod, context.now());
    context.onDeleted(reason);
    recordEvent('Normal', 'SuccessfulDelete', `Deleted pod: ${pod.name}`);
  } catch (error) {
    if (isNotFound(error) || isConflict(error)) return;
    if (!context.signal.aborted)
      recordEvent('Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
    throw error;
  }
}

/** The DaemonSets take turns in using the connections. */
function flowOf({ daemonSet: { metadata }, signal }: ApplyContext): { readonly flow: Flow } {
  return { flow: { key: metadata.uid, signal } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
