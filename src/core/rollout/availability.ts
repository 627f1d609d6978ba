import type { PodRecord } from '../../api/pod.ts';
import type { NodeState } from '../plan.ts';

/**
 * Milliseconds until a ready pod counts as available: 0 when it does already, undefined while it is not ready.
 *
 * Source: upstream `podutil.IsPodAvailable`.
 */
export function availableInMs(pod: PodRecord, minReadySeconds: number, now: number): number | undefined {
  if (!pod.ready) return undefined;
  if (minReadySeconds === 0) return 0;
  if (pod.readyChangedAt === undefined) return undefined;
  return Math.max(0, pod.readyChangedAt + minReadySeconds * 1000 - now);
}

/** Whether the pod has been ready for `minReadySeconds`. */
export function isAvailable(pod: PodRecord, minReadySeconds: number, now: number): boolean {
  return availableInMs(pod, minReadySeconds, now) === 0;
}

/** Milliseconds until time alone makes the next pod on these nodes available; undefined where it makes none. */
export function nextAvailability(
  nodes: readonly NodeState[],
  minReadySeconds: number,
  now: number,
): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const soonest = nodes
    .flatMap(({ pods }) => pods)
    .map((pod) => availableInMs(pod, minReadySeconds, now) ?? 0)
    .reduce((least, wait) => (wait > 0 ? Math.min(least, wait) : least), Infinity);
  return soonest === Infinity ? undefined : soonest;
}
