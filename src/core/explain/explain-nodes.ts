import type { NodeState, SkipReason, Snapshot } from '../plan.ts';
import type { PodSpec } from '../../api/pod.ts';
import { numberOf } from '../history/construct-history.ts';
import { observe } from '../observe.ts';
import type { Policy } from '../policy.ts';
import { reconcile } from '../reconcile.ts';
import { isRollingUpdate } from '../rollout/update-strategy.ts';
import { explainPod, type PodAnswer, type PodContext } from './explain-pod.ts';
import { describeObstacle, type Obstacle, obstacles } from './obstacle.ts';

/** Why one node has, gets or lacks a DaemonSet's pod. */
export type NodeAnswer = {
  readonly node: string;
  /** Whether a missing pod is made there. */
  readonly eligible: boolean;
  /** Whether a pod that is there may stay. */
  readonly mayKeep: boolean;
  /** What decided, as a sentence about the node; empty where it is eligible. */
  readonly reason: string;
  /** All that is in the way; the first one decided. */
  readonly obstacles: readonly Obstacle[];
  readonly pods: readonly PodAnswer[];
  /** What a node without its pod waits for; empty where nothing is missing. */
  readonly waitsFor: string;
  /** Since when the node is not ready, milliseconds since the epoch. */
  readonly notReadySince?: number;
};

/** A DaemonSet against all nodes. */
export type Explanation = {
  /** Sorted by name; the one that was asked about. */
  readonly nodes: readonly NodeAnswer[];
  /** Nodes there are. */
  readonly total: number;
  readonly eligible: number;
  /** Eligible nodes that have a pod. */
  readonly served: number;
  /** Nodes that have a pod and are not eligible. */
  readonly misscheduled: number;
  /** Number of the current revision; absent until it is stored. */
  readonly revision?: number;
  /** Why nothing is decided about the DaemonSet at all. */
  readonly skipped?: SkipReason;
  /** The demands that nodes were held against. */
  readonly podSpec: PodSpec;
};

/**
 * What there is to say about each node, and about the pods there.
 *
 * @param now milliseconds since the epoch.
 * @param only the one node that something is to be said about; the counts are of all of them.
 * @throws InvalidStrategyError
 */
export function explainNodes(snapshot: Snapshot, now: number, policy: Policy, only?: string): Explanation {
  const all = { ...policy, burstReplicas: Infinity };
  const observation = observe(snapshot, now, all);
  const { rollout, history, revisions, podSpec } = observation;
  const plan = reconcile(snapshot, now, all, observation);
  const creating = new Set(plan.createPods.map(({ node }) => node));
  const context: PodContext = {
    rollout,
    revisions: revisions.claimed,
    rolling: isRollingUpdate(snapshot.daemonSet),
    deleting: new Map(plan.deletePods.map(({ pod, reason }) => [pod.uid, reason])),
  };
  const asked = only === undefined ? rollout.nodes : rollout.nodes.filter(({ node }) => node.name === only);
  const eligible = rollout.nodes.filter(({ eligibility }) => eligibility.shouldRun);
  const current = numberOf(history.hash, revisions.claimed);
  return {
    total: rollout.nodes.length,
    nodes: asked.map((state) => explainNode(state, podSpec, context, creating)),
    eligible: eligible.length,
    served: eligible.filter(hasPod).length,
    misscheduled: rollout.nodes.filter((state) => !state.eligibility.shouldRun && hasPod(state)).length,
    ...(current !== undefined && { revision: current }),
    ...(plan.skipped && { skipped: plan.skipped }),
    podSpec,
  };
}

function hasPod({ pods }: NodeState): boolean {
  return pods.length > 0;
}

function explainNode(
  state: NodeState,
  podSpec: PodSpec,
  context: PodContext,
  creating: ReadonlySet<string>,
): NodeAnswer {
  const { node, eligibility, pods } = state;
  const blocked = eligibility.shouldRun ? [] : obstacles(podSpec, node);
  const [decisive] = blocked;
  const isMissing = eligibility.shouldRun && !pods.some(({ terminating }) => !terminating);
  return {
    node: node.name,
    eligible: eligibility.shouldRun,
    mayKeep: eligibility.shouldContinueRunning,
    reason: decisive ? describeObstacle(decisive) : '',
    obstacles: blocked,
    pods: pods.map((pod) => explainPod(pod, state, context)),
    waitsFor: isMissing ? missingBecause(creating.has(node.name), pods.length > 0) : '',
    ...(node.notReadySince !== undefined && { notReadySince: node.notReadySince }),
  };
}

function missingBecause(isCreating: boolean, hasTerminating: boolean): string {
  if (isCreating) return 'whoever makes the pods of DaemonSets to make one';
  return hasTerminating ? 'the old pod to be gone' : 'the DaemonSet, of which nothing is decided now';
}
