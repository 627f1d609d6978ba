import type { PodRecord } from '../../api/pod.ts';

/**
 * Which of a node's pods comes first: bound before unbound, then the older, then by name. The first one stands
 * for the node in the status, and survives when there are duplicates. Readiness plays no part.
 *
 * Source: upstream `podByCreationTimestampAndPhase`.
 */
export function comparePods(a: PodRecord, b: PodRecord): number {
  const bound = Number(b.nodeName !== undefined) - Number(a.nodeName !== undefined);
  if (bound !== 0) return bound;
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt;
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
