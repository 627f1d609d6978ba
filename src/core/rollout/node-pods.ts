import type { PodRecord } from '../../api/pod.ts';
import { isPodUpdated, type UpdateRevision } from './pod-updated.ts';

/** The live pods of one node, told apart by revision. `excess`: more than one of either. */
export type RolloutPods =
  | { readonly excess: true }
  | {
      readonly excess: false;
      readonly newPod: PodRecord | undefined;
      readonly oldPod: PodRecord | undefined;
    };

/** Source: upstream `findUpdatedPodsOnNode`. Terminating pods are passed over. */
export function findUpdatedPods(pods: readonly PodRecord[], revision: UpdateRevision): RolloutPods {
  let newPod: PodRecord | undefined;
  let oldPod: PodRecord | undefined;
  for (const pod of pods) {
    if (pod.terminating) continue;
    if (isPodUpdated(pod, revision)) {
      if (newPod) return { excess: true };
      newPod = pod;
    } else {
      if (oldPod) return { excess: true };
      oldPod = pod;
    }
  }
  return { excess: false, newPod, oldPod };
}
