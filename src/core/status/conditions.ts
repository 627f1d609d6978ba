import type { DaemonSetCondition, DaemonSetCounts } from '../../api/daemonset.ts';
import { formatTime } from '../format-time.ts';
import type { NodeState } from '../plan.ts';
import { isAvailable } from '../rollout/availability.ts';
import type { CountInput } from './counts.ts';

export type ConditionInput = CountInput & {
  readonly counts: DaemonSetCounts;
  /** Pods that may be unavailable at a time. */
  readonly maxUnavailable: number;
  /** False for OnDelete: outdated pods wait for somebody to delete them. */
  readonly rolling: boolean;
};

type Said = Pick<DaemonSetCondition, 'status' | 'reason' | 'message'>;

const LISTED_NODES = 3;

/**
 * The two conditions that tell a person how the DaemonSet is, and what to look at.
 *
 * `Available`: whether no more eligible nodes than allowed lack an available pod.
 * `Progressing`: True while the rollout moves or is complete, False when only a person can move it (every node
 * that lacks an available pod has a named trouble), Unknown while OnDelete waits.
 *
 * Upstream has the field and writes nothing to it.
 */
export function conditionsOf(input: ConditionInput): readonly DaemonSetCondition[] {
  const troubles = troublesOf(input);
  return [
    { type: 'Available', ...available(input, troubles) },
    { type: 'Progressing', ...progressing(input, troubles) },
  ];
}

/**
 * The conditions to write where they say something new, with the time at which their status changed.
 *
 * @returns undefined when the stored ones say the same.
 */
export function changedConditions(
  stored: readonly DaemonSetCondition[] = [],
  wanted: readonly DaemonSetCondition[],
  now: number,
): readonly DaemonSetCondition[] | undefined {
  const before = new Map(stored.map((condition) => [condition.type, condition]));
  const isNews = wanted.some(({ type, status, reason, message }) => {
    const old = before.get(type);
    return old?.status !== status || old.reason !== reason || old.message !== message;
  });
  if (!isNews) return undefined;
  const time = formatTime(now);
  return wanted.map((condition) => {
    const old = before.get(condition.type);
    const since = old?.status === condition.status ? old.lastTransitionTime : undefined;
    return { ...condition, lastTransitionTime: since ?? time };
  });
}

function available({ counts, maxUnavailable }: ConditionInput, troubles: string): Said {
  const { desiredNumberScheduled: desired, numberAvailable, numberUnavailable } = counts;
  if (desired === 0) return { status: 'True', reason: 'NoEligibleNodes', message: 'no node is eligible' };
  const message = `${numberAvailable} of ${desired} eligible nodes have an available pod`;
  if (numberUnavailable <= maxUnavailable)
    return { status: 'True', reason: 'MinimumNodesAvailable', message };
  return { status: 'False', reason: 'NodesUnavailable', message: withTroubles(message, troubles) };
}

function progressing(input: ConditionInput, troubles: string): Said {
  const { counts, maxUnavailable, rolling } = input;
  const { desiredNumberScheduled: desired, updatedNumberScheduled: updated, numberUnavailable } = counts;
  const message = `${updated} of ${desired} eligible nodes have a pod of the current revision`;
  if (updated >= desired && numberUnavailable === 0) {
    return { status: 'True', reason: 'RolloutComplete', message };
  }
  const isStalled = troubles !== '' && waitingNodes(input) === 0 && numberUnavailable >= maxUnavailable;
  if (isStalled)
    return { status: 'False', reason: 'NodesInTrouble', message: withTroubles(message, troubles) };
  if (!rolling && numberUnavailable === 0) {
    return { status: 'Unknown', reason: 'OnDelete', message: `${message}; the others wait to be deleted` };
  }
  return { status: 'True', reason: 'RolloutInProgress', message };
}

function withTroubles(message: string, troubles: string): string {
  return troubles === '' ? message : `${message}; ${troubles}`;
}

/** Eligible nodes whose pod is missing, or not available yet, without a named trouble: time may be all they need. */
function waitingNodes(input: ConditionInput): number {
  return input.nodes.filter((state) => lacksPod(state, input) && troubleOn(state) === undefined).length;
}

/** Such as `3 nodes: ImagePullBackOff (node-1, node-2, node-7)`; the most frequent first. */
function troublesOf(input: ConditionInput): string {
  const nodesBy = new Map<string, string[]>();
  for (const state of input.nodes) {
    const trouble = lacksPod(state, input) ? troubleOn(state) : undefined;
    if (trouble === undefined) continue;
    const nodes = nodesBy.get(trouble);
    if (nodes) nodes.push(state.node.name);
    else nodesBy.set(trouble, [state.node.name]);
  }
  return [...nodesBy]
    .toSorted(([a, inA], [b, inB]) => inB.length - inA.length || (a < b ? -1 : 1))
    .map(([trouble, nodes]) => {
      const names = nodes.slice(0, LISTED_NODES).join(', ');
      const more = nodes.length > LISTED_NODES ? `, and ${nodes.length - LISTED_NODES} more` : '';
      return `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}: ${trouble} (${names}${more})`;
    })
    .join('; ');
}

function lacksPod({ eligibility, pods }: NodeState, { minReadySeconds, now }: ConditionInput): boolean {
  const [pod] = pods;
  return eligibility.shouldRun && !(pod && isAvailable(pod, minReadySeconds, now));
}

/** The newest pod is the one that a person has to look at. */
function troubleOn({ node, pods }: NodeState): string | undefined {
  const trouble = pods.findLast((pod) => pod.trouble !== undefined)?.trouble;
  return trouble ?? (node.notReadySince === undefined ? undefined : 'NodeNotReady');
}
