import type { PodRecord } from '../api/pod.ts';
import type { RevisionRecord } from '../api/revision.ts';
import type { Policy } from '../core/policy.ts';
import type { Change } from '../kube/informer.ts';
import type { Workqueue } from '../kube/workqueue.ts';
import type { Caches } from '../cache/caches.ts';
import { keyOf, keysForNode, keysForNodeUpstream, keysForOwned, triggerLookup } from '../cache/triggers.ts';

export type EnqueueOptions = { readonly caches: Caches; readonly queue: Workqueue; readonly policy: Policy };

/** Has the queue filled with the DaemonSets that each change in the caches concerns. */
export function enqueueOnChanges({ caches, queue, policy }: EnqueueOptions): void {
  const { daemonSets, nodes, pods, revisions } = caches;
  const lookup = triggerLookup(caches, policy);
  const enqueue = (keys: readonly string[]): void => {
    for (const key of keys) queue.add(key);
  };
  const enqueueOwners = (change: Change<PodRecord | RevisionRecord>): void =>
    enqueue(keysForOwned(change, lookup));

  daemonSets.onChange((change) => {
    if (change.type !== 'delete') queue.add(keyOf(change.new.metadata));
  });
  pods.onChange(enqueueOwners);
  revisions.onChange(enqueueOwners);
  const keysFor = policy.strictUpstream ? keysForNodeUpstream : keysForNode;
  nodes.onChange((change) => enqueue(keysFor(change, lookup)));
}
