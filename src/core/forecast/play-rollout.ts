import type { DaemonSet } from '../../api/daemonset.ts';
import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import type { PodRecord } from '../../api/pod.ts';
import { decidePods } from '../decide-pods.ts';
import type { RolloutState } from '../observe.ts';
import type { NodeState } from '../plan.ts';
import { isAvailable, nextAvailability } from '../rollout/availability.ts';
import { isPodUpdated } from '../rollout/pod-updated.ts';
import { isRollingUpdate, rolloutBudget } from '../rollout/update-strategy.ts';

/** How a rollout would go if every pod that can start were ready within seconds. */
export type RolloutForecast = {
  /** The nodes of each step, in order: those whose pods are made, taken away or replaced first in it. */
  readonly waves: readonly (readonly string[])[];
  /** Nodes with an outdated pod that no step comes to: they wait for somebody, or for what blocks the rollout. */
  readonly left: readonly string[];
  /** Nodes of the budget, where it is a rolling update. */
  readonly budget?: { readonly maxUnavailable: number; readonly maxSurge: number };
};

/** How long a pod takes to start or to end. Milliseconds. */
const PAUSE_MS = 10_000;

/**
 * Plays the decisions of the sync loop until there are none left.
 *
 * @param stuck nodes where no pod becomes ready: it does not fit there, or the node is down.
 * @throws InvalidStrategyError
 */
export function playRollout(
  daemonSet: DaemonSet,
  start: RolloutState,
  stuck: ReadonlySet<string>,
): RolloutForecast {
  const desired = start.nodes.filter(({ eligibility }) => eligibility.shouldRun).length;
  const budget = isRollingUpdate(daemonSet) ? rolloutBudget(daemonSet, desired) : undefined;
  const fixed = budget ? withBudget(daemonSet, budget) : daemonSet;
  const window = Math.max(1, budget?.maxUnavailable ?? 0, budget?.maxSurge ?? 0);
  const seen = new Set<string>();
  const waves: (readonly string[])[] = [];
  let { now } = start;
  const all = start.nodes.map((state) => settled(state, stuck));
  let waiting = all.filter((state) => isWaiting(state, start));
  let active = all.filter((state) => !isWaiting(state, start));
  for (;;) {
    const rollout: RolloutState = { ...start, now, nodes: inOrder([...active, ...waiting.slice(0, window)]) };
    const { nodesNeedingPods, podsToDelete } = decidePods({ daemonSet: fixed, backoff: new Map() }, rollout);
    const isIdle = nodesNeedingPods.length === 0 && podsToDelete.length === 0;
    const ripensInMs = nextAvailability(rollout.nodes, rollout.minReadySeconds, now);
    if (isIdle && ripensInMs === undefined) {
      return { waves, left: leftOver([...active, ...waiting], rollout), ...(budget && { budget }) };
    }
    const touched = new Set([...podsToDelete.map(({ pod }) => pod.targetNode ?? ''), ...nodesNeedingPods]);
    const wave = [...touched].filter((node) => !seen.has(node));
    for (const node of wave) seen.add(node);
    if (wave.length > 0) waves.push(wave);
    const step: Step = {
      gone: new Set(podsToDelete.map(({ pod }) => pod.uid)),
      made: new Set(nodesNeedingPods),
      rollout,
      stuck,
    };
    waiting = waiting.filter(({ node }, index) => index >= window || !touched.has(node.name));
    active = rollout.nodes
      .filter((state) => touched.has(state.node.name) || !isWaiting(state, rollout))
      .map((state) => (touched.has(state.node.name) ? after(state, step) : state))
      .filter((state) => !isDone(state, rollout));
    now += Math.max(PAUSE_MS, ripensInMs ?? 0);
  }
}

function inOrder(states: readonly NodeState[]): readonly NodeState[] {
  return states.toSorted((a, b) => (a.node.name < b.node.name ? -1 : 1));
}

function withBudget(daemonSet: DaemonSet, rollingUpdate: NonNullable<RolloutForecast['budget']>): DaemonSet {
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate };
  return { ...daemonSet, spec: { ...daemonSet.spec, updateStrategy } };
}

/** What is under way ends well before the rollout begins, where it can. */
function settled(state: NodeState, stuck: ReadonlySet<string>): NodeState {
  if (stuck.has(state.node.name)) return state;
  const pods = state.pods
    .filter(({ terminating }) => !terminating)
    .map((pod) => {
      const mayStart = pod.phase === 'Pending' || pod.phase === 'Running';
      return !mayStart || pod.trouble !== undefined ? pod : ready(pod, 0);
    });
  return { ...state, pods };
}

function ready(pod: PodRecord, now: number): PodRecord {
  return { ...pod, nodeName: pod.targetNode ?? '', phase: 'Running', ready: true, readyChangedAt: now };
}

/** The only pod of an eligible node, where it serves. Such a node weighs on no budget. */
function servingPod(
  { node, eligibility, pods }: NodeState,
  { minReadySeconds, now }: RolloutState,
): PodRecord | undefined {
  const [pod] = pods;
  if (!pod || pods.length > 1 || pod.terminating || pod.phase !== 'Running') return undefined;
  const serves = eligibility.shouldRun && node.notReadySince === undefined;
  return serves && isAvailable(pod, minReadySeconds, now) ? pod : undefined;
}

/** Whether its turn is all that the node waits for: as many of them as the budget allows are looked at. */
function isWaiting(state: NodeState, rollout: RolloutState): boolean {
  const pod = servingPod(state, rollout);
  return pod !== undefined && !isPodUpdated(pod, rollout.revision);
}

/** Whether no decision comes back to the node. */
function isDone(state: NodeState, rollout: RolloutState): boolean {
  const pod = servingPod(state, rollout);
  if (pod) return isPodUpdated(pod, rollout.revision);
  return state.pods.length === 0 && !state.eligibility.shouldRun;
}

type Step = {
  readonly gone: ReadonlySet<string>;
  readonly made: ReadonlySet<string>;
  readonly rollout: RolloutState;
  readonly stuck: ReadonlySet<string>;
};

function after(state: NodeState, { gone, made, rollout, stuck }: Step): NodeState {
  const { name, notReadySince } = state.node;
  const kept = state.pods.flatMap((pod) => {
    if (!gone.has(pod.uid)) return [pod];
    // Nobody says of a node that is down that a pod there has ended.
    return notReadySince === undefined ? [] : [{ ...pod, terminating: true }];
  });
  if (!made.has(name)) return { ...state, pods: kept };
  const pod = newPod(name, rollout);
  return { ...state, pods: [...kept, stuck.has(name) ? pod : ready(pod, rollout.now)] };
}

function newPod(node: string, { revision, now }: RolloutState): PodRecord {
  return {
    name: `new-${node}`,
    namespace: '',
    uid: `new-${node}-${now}`,
    resourceVersion: '',
    labels: { [CONTROLLER_REVISION_HASH_LABEL]: revision.hash },
    targetNode: node,
    phase: 'Pending',
    terminating: false,
    ready: false,
    createdAt: now,
  };
}

function leftOver(nodes: readonly NodeState[], { revision }: RolloutState): readonly string[] {
  return inOrder(nodes)
    .filter(
      ({ eligibility, pods }) => eligibility.shouldRun && pods.some((pod) => !isPodUpdated(pod, revision)),
    )
    .map(({ node }) => node.name);
}
