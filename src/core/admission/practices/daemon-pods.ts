import type { NodeRecord } from '../../../api/node.ts';
import type { PodRecord } from '../../../api/pod.ts';
import { compileEligibility } from '../../scheduling/eligibility.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetChange } from '../rule.ts';
import { readString } from '../untrusted.ts';

/** A stored DaemonSet's pods against the nodes. */
export type DaemonPods = {
  readonly pods: readonly PodRecord[];
  /** Eligible nodes that have none. Sorted by name. */
  readonly without: readonly NodeRecord[];
  /** Pods on nodes where none should be. */
  readonly misplaced: readonly PodRecord[];
};

/** Undefined where the object is not stored yet, or the cluster not known. */
export function daemonPods({ object, namespace, cluster }: DaemonSetChange): DaemonPods | undefined {
  const uid = readString(object, 'metadata', 'uid');
  const spec = readPodSpec(object, 'spec', 'template', 'spec');
  if (!cluster || !spec || typeof uid !== 'string') return undefined;
  const pods = cluster.podsOf(namespace, uid).filter(({ terminating }) => !terminating);
  const occupied = new Set(pods.map(({ targetNode }) => targetNode));
  const isEligible = compileEligibility(spec);
  const mayStay = new Set(
    cluster
      .nodes()
      .filter((node) => isEligible(node).shouldContinueRunning)
      .map(({ name }) => name),
  );
  return {
    pods,
    without: cluster
      .nodes()
      .filter((node) => !occupied.has(node.name) && isEligible(node).shouldRun)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    misplaced: pods.filter(({ targetNode }) => targetNode === undefined || !mayStay.has(targetNode)),
  };
}
