import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import type { PodRecord } from '../../api/pod.ts';
import { comparePods } from '../../core/placement/pod-order.ts';
import { isAvailable } from '../../core/rollout/availability.ts';
import { compileEligibility, describeReason } from '../../core/scheduling/eligibility.ts';

/** One node of the table that `up` shows, and of its JSON. */
export type NodeView = {
  readonly name: string;
  readonly eligible: boolean;
  /** Why the node gets no pod, as a sentence. */
  readonly reason?: string;
  readonly pod?: string;
  readonly phase?: string;
  readonly available: boolean;
};

/** A rollout as people and scripts see it; the shape of `up -o json`. */
export type RolloutView = {
  readonly daemonSet: string;
  readonly desired: number;
  readonly current: number;
  readonly ready: number;
  readonly available: number;
  readonly updated: number;
  readonly nodes: readonly NodeView[];
};

/** What is known of a DaemonSet's rollout: its status counts, and each node with the reason for what it has. */
export function rolloutView(
  daemonSet: DaemonSet,
  nodes: readonly NodeRecord[],
  pods: readonly PodRecord[],
  now: number,
): RolloutView {
  const { metadata, spec, status = {} } = daemonSet;
  const eligibility = compileEligibility(spec.template.spec ?? {});
  const own = pods.filter(({ controller }) => controller?.uid === metadata.uid).toSorted(comparePods);
  return {
    daemonSet: `${metadata.namespace}/${metadata.name}`,
    desired: status.desiredNumberScheduled ?? 0,
    current: status.currentNumberScheduled ?? 0,
    ready: status.numberReady ?? 0,
    available: status.numberAvailable ?? 0,
    updated: status.updatedNumberScheduled ?? 0,
    nodes: nodes
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
      .map((node) => {
        const answer = eligibility(node);
        const pod = own.find(({ targetNode, terminating }) => targetNode === node.name && !terminating);
        return {
          name: node.name,
          eligible: answer.shouldRun,
          ...(!answer.shouldRun && { reason: describeReason(answer.reason) }),
          ...(pod && { pod: pod.name, phase: pod.phase }),
          available: pod !== undefined && isAvailable(pod, spec.minReadySeconds ?? 0, now),
        };
      }),
  };
}

/** Whether every eligible node has an available pod of the newest template, as `kubectl rollout status` judges. */
export function isRolledOut({ metadata, status = {} }: DaemonSet): boolean {
  const desired = status.desiredNumberScheduled ?? 0;
  return (
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 1) &&
    (status.updatedNumberScheduled ?? 0) >= desired &&
    (status.numberAvailable ?? 0) >= desired
  );
}
