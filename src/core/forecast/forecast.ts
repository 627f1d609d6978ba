import type { DaemonSet } from '../../api/daemonset.ts';
import { observe } from '../observe.ts';
import type { NodeState, Snapshot } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { isPodUpdated, type UpdateRevision } from '../rollout/pod-updated.ts';
import { allowsSurge, isRollingUpdate } from '../rollout/update-strategy.ts';
import { describeObstacle, obstacles } from '../explain/obstacle.ts';
import type { PodSpec } from '../../api/pod.ts';
import { type Allocatable, type BoundPod, type Misfit, misfits } from './capacity.ts';
import { playRollout, type RolloutForecast } from './play-rollout.ts';

/** What becomes of the pod on a node. `none`: it has none and gets none. */
export type Effect = 'gets' | 'changes' | 'keeps' | 'loses' | 'none';

export type NodeForecast = {
  readonly node: string;
  readonly effect: Effect;
  /** Why, as a sentence about the node or its pod. */
  readonly reason: string;
};

/** What applying a DaemonSet would come to. */
export type Forecast = {
  readonly nodes: readonly NodeForecast[];
  readonly rollout: RolloutForecast;
  /** Nodes where a new pod would find no room. */
  readonly misfits: readonly Misfit[];
};

/** What takes room on nodes, and how much there is; empty where it is not known. */
export type Room = {
  readonly allocatable: Allocatable;
  readonly bound: readonly BoundPod[];
  /** Of the pods that are to be made; absent where it is not known, or where they evict nobody. */
  readonly priority?: number | undefined;
};

/**
 * What would become of every node's pod, in which order, and where it would not work, if the DaemonSet of the
 * snapshot were applied now.
 *
 * @param snapshot the pods and revisions that are there, and the DaemonSet as it would be stored.
 * @throws InvalidStrategyError
 */
export function forecast(snapshot: Snapshot, room: Room, now: number, policy: Policy): Forecast {
  const { daemonSet } = snapshot;
  const { rollout, podSpec } = observe(snapshot, now, policy);
  const nodes = rollout.nodes.map((state) => forecastNode(state, daemonSet, podSpec, rollout.revision));
  const fresh = nodes
    .filter(({ effect }) => effect === 'gets' || effect === 'changes')
    .map(({ node }) => node);
  const { uid } = daemonSet.metadata;
  const pod = { spec: podSpec, uid, beside: allowsSurge(daemonSet), priority: room.priority };
  const tight = misfits(pod, fresh, room.allocatable, room.bound);
  const down = rollout.nodes
    .filter(({ node }) => node.notReadySince !== undefined)
    .map(({ node }) => node.name);
  const full = tight.filter(({ evicts }) => !evicts).map(({ node }) => node);
  const stuck = new Set([...full, ...down]);
  return { nodes, rollout: playRollout(daemonSet, rollout, stuck), misfits: tight };
}

function forecastNode(
  { node, eligibility, pods }: NodeState,
  daemonSet: DaemonSet,
  podSpec: PodSpec,
  revision: UpdateRevision,
): NodeForecast {
  const there = pods.filter(({ terminating }) => !terminating);
  const [decisive] = eligibility.shouldRun ? [] : obstacles(podSpec, node);
  const why = decisive ? describeObstacle(decisive, 'any node') : 'eligible';
  const answer = (effect: Effect, reason: string): NodeForecast => ({ node: node.name, effect, reason });
  if (there.length === 0) return answer(eligibility.shouldRun ? 'gets' : 'none', why);
  if (!eligibility.shouldContinueRunning) return answer('loses', why);
  if (!eligibility.shouldRun) return answer('keeps', `${why}, but lets a pod stay that is there`);
  if (there.every((pod) => isPodUpdated(pod, revision)))
    return answer('keeps', 'its pod is of this template');
  return isRollingUpdate(daemonSet)
    ? answer('changes', 'its pod is of another template')
    : answer('keeps', 'its pod is of another template, and is replaced once somebody deletes it (OnDelete)');
}
