import type { DaemonSet } from '../api/daemonset.ts';
import type { PodRecord } from '../api/pod.ts';
import type { RevisionRecord } from '../api/revision.ts';
import type { FailedPodBackoff } from '../core/placement/failed-pod-backoff.ts';
import { isExpired } from '../core/placement/failed-pod-backoff.ts';
import { compareResourceVersions } from '../kube/resource-version.ts';
import type { Caches } from '../cache/caches.ts';
import { SlowStart } from './slow-start.ts';
import { keyOf } from '../cache/triggers.ts';

/** After this time a write that never showed in the caches is given up on. Source: `ExpectationsTimeout`. */
export const EXPECTATIONS_TIMEOUT_MS = 5 * 60_000;

/**
 * What the sync loop remembers of one DaemonSet between syncs: the writes that the caches do not show yet, and
 * the back-off of its failed pods. Without it a sync on stale caches would make a pod twice.
 *
 * Takes the place of upstream's `ControllerExpectations` and of its consistency store: instead of counting
 * events it asks the caches whether they have come as far as the write.
 */
export class DaemonSetMemory {
  readonly slowStart = new SlowStart();
  #podsWrittenAt: string | undefined;
  readonly #deleting = new Map<string, string>();
  readonly #revisions = new Map<string, RevisionRecord>();
  #daemonSet: DaemonSet | undefined;
  #since = 0;
  #uncertain = false;
  #backoff: FailedPodBackoff = new Map();
  #backoffGeneration = 0;

  /** A pod was created or patched, and has this resourceVersion now. */
  wrotePod(resourceVersion: string, now: number): void {
    if (!this.#podsWrittenAt || compareResourceVersions(resourceVersion, this.#podsWrittenAt) > 0) {
      this.#podsWrittenAt = resourceVersion;
    }
    this.#since = now;
  }

  /** A pod may or may not have been created: the answer was lost. The next sync has to ask the API server. */
  lostAnswer(): void {
    this.#uncertain = true;
  }

  /** Whether an answer was lost since the last call. */
  takeUncertainty(): boolean {
    const uncertain = this.#uncertain;
    this.#uncertain = false;
    return uncertain;
  }

  /** The API server accepted the deletion of a pod. */
  deletedPod(pod: PodRecord, now: number): void {
    this.#deleting.set(keyOf(pod), pod.uid);
    this.#since = now;
  }

  wroteRevision(revision: RevisionRecord): void {
    this.#revisions.set(revision.name, revision);
  }

  wroteDaemonSet(daemonSet: DaemonSet): void {
    this.#daemonSet = daemonSet;
  }

  /** Whether the pod cache shows all that was written. */
  satisfied({ pods }: Caches, now: number): boolean {
    if (now - this.#since > EXPECTATIONS_TIMEOUT_MS) {
      this.#podsWrittenAt = undefined;
      this.#deleting.clear();
    }
    if (this.#podsWrittenAt && isBehind(pods.lastSyncResourceVersion(), this.#podsWrittenAt)) return false;
    this.#podsWrittenAt = undefined;
    for (const [key, uid] of this.#deleting) {
      const pod = pods.store.get(key);
      if (pod?.uid === uid && !pod.terminating) return false;
      this.#deleting.delete(key);
    }
    return true;
  }

  /** The newer of the cached object and the answer to our last status write. */
  newest(cached: DaemonSet): DaemonSet {
    const own = this.#daemonSet;
    const isNewer =
      own?.metadata.uid === cached.metadata.uid &&
      compareResourceVersions(own.metadata.resourceVersion, cached.metadata.resourceVersion) > 0;
    if (!isNewer) this.#daemonSet = undefined;
    return isNewer ? own : cached;
  }

  /** The cached revisions with our own writes that the cache has not seen yet. */
  withOwnRevisions(cached: readonly RevisionRecord[], { revisions }: Caches): readonly RevisionRecord[] {
    for (const [name, own] of this.#revisions) {
      if (!isBehind(revisions.lastSyncResourceVersion(), own.resourceVersion)) this.#revisions.delete(name);
    }
    if (this.#revisions.size === 0) return cached;
    return [...cached.filter(({ name }) => !this.#revisions.has(name)), ...this.#revisions.values()];
  }

  /** Back-off starts afresh with every generation that has been observed, and is forgotten after a quiet time. */
  backoff(observedGeneration: number, now: number): FailedPodBackoff {
    if (observedGeneration !== this.#backoffGeneration) {
      this.#backoffGeneration = observedGeneration;
      this.#backoff = new Map();
    }
    if ([...this.#backoff.values()].some((entry) => isExpired(entry, now))) {
      this.#backoff = new Map([...this.#backoff].filter(([, entry]) => !isExpired(entry, now)));
    }
    return this.#backoff;
  }

  rememberBackoff(backoff: FailedPodBackoff): void {
    this.#backoff = backoff;
  }
}

function isBehind(seen: string, written: string): boolean {
  return seen === '' || compareResourceVersions(seen, written) < 0;
}
