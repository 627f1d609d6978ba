import type { DaemonSet } from '../../api/daemonset.ts';
import type { OwnerReference, StringMap } from '../../api/meta.ts';
import type { ControllerRef } from '../../api/pod.ts';
import { selectorMatches } from '../scheduling/label-selector.ts';

type Claimable = {
  readonly labels: StringMap;
  readonly controller?: ControllerRef;
  readonly terminating?: boolean;
};

export type Claims<T> = {
  /** Ours, including those in `adopt`. */
  readonly claimed: readonly T[];
  /** Orphans that match the selector: they become ours. */
  readonly adopt: readonly T[];
  /** Ours by reference, but no longer matching: they are let go, and live on. */
  readonly release: readonly T[];
};

/**
 * Sorts objects of the DaemonSet's namespace into ours, orphans to adopt, and ours to release. What another
 * controller owns is never touched.
 *
 * Source: upstream `BaseControllerRefManager.ClaimObject`.
 */
export function claim<T extends Claimable>(daemonSet: DaemonSet, candidates: readonly T[]): Claims<T> {
  const claimed: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  for (const candidate of candidates) {
    const matches = selectorMatches(daemonSet.spec.selector, candidate.labels);
    if (candidate.controller === undefined) {
      if (!matches || candidate.terminating) continue;
      adopt.push(candidate);
      claimed.push(candidate);
    } else if (candidate.controller.uid === daemonSet.metadata.uid) {
      (matches ? claimed : release).push(candidate);
    }
  }
  return { claimed, adopt, release };
}

/** The ownerReference that makes an object this DaemonSet's. */
export function controllerRefOf(daemonSet: DaemonSet): OwnerReference {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    name: daemonSet.metadata.name,
    uid: daemonSet.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
