import type { PodRecord } from '../../api/pod.ts';
import { comparePods } from './pod-order.ts';

export type PodsByNode = ReadonlyMap<string, readonly PodRecord[]>;

/**
 * The claimed pods of each node, in `comparePods` order. Pods that have ended and are being deleted no longer
 * count, so that a finalizer cannot hold up their successor. Pods that name no node are left out, as upstream does.
 *
 * Source: upstream `getNodesToDaemonPods`.
 */
export function podsByNode(claimed: readonly PodRecord[]): PodsByNode {
  const byNode = new Map<string, PodRecord[]>();
  for (const pod of claimed) {
    if (pod.targetNode === undefined || (pod.terminating && hasEnded(pod))) continue;
    const pods = byNode.get(pod.targetNode);
    if (pods) pods.push(pod);
    else byNode.set(pod.targetNode, [pod]);
  }
  for (const pods of byNode.values()) if (pods.length > 1) pods.sort(comparePods);
  return byNode;
}

/** Whether the pod's containers will not run again. */
export function hasEnded(pod: PodRecord): boolean {
  return pod.phase === 'Failed' || pod.phase === 'Succeeded';
}
