import { CONTROLLER_REVISION_HASH_LABEL } from '../api/keys.ts';
import type { NodeRecord } from '../api/node.ts';
import type { PodRecord, PodSpec } from '../api/pod.ts';
import type { RevisionRecord } from '../api/revision.ts';
import { constructHistory, type History } from './history/construct-history.ts';
import { claim, type Claims } from './ownership/claim.ts';
import { podSpecOf } from './placement/extra-tolerations.ts';
import { podsByNode, type PodsByNode } from './placement/pods-by-node.ts';
import type { HistoryAction, NodeState, Snapshot } from './plan.ts';
import type { Policy } from './policy.ts';
import { templateGenerationOf } from './rollout/pod-updated.ts';
import type { RolloutInput } from './rollout/rolling-update.ts';
import { compileEligibility } from './scheduling/eligibility.ts';

/** Where a rollout stands: every node with its pods, and what counts as updated and as available. */
export type RolloutState = Omit<RolloutInput, 'budget'>;

/** What a snapshot shows before anything is decided. */
export type Observation = {
  readonly pods: Claims<PodRecord>;
  readonly revisions: Claims<RevisionRecord>;
  readonly history: History;
  /** The pods that are ours, as they are once the history is in order. */
  readonly claimed: readonly PodRecord[];
  readonly byNode: PodsByNode;
  /** The template's, with what the configuration adds to it. */
  readonly podSpec: PodSpec;
  readonly rollout: RolloutState;
};

/** Reads a snapshot: whose the pods and revisions are, which revision is current, which nodes are eligible. */
export function observe(snapshot: Snapshot, now: number, policy: Policy): Observation {
  const { daemonSet } = snapshot;
  const pods = claim(daemonSet, snapshot.pods);
  const revisions = claim(daemonSet, snapshot.revisions);
  const history = constructHistory(daemonSet, revisions.claimed, pods.claimed);
  const claimed = relabelled(pods.claimed, history.actions);
  const byNode = podsByNode(claimed);
  const podSpec = podSpecOf(daemonSet, policy.extraTolerations);
  return {
    pods,
    revisions,
    history,
    claimed,
    byNode,
    podSpec,
    rollout: {
      nodes: nodeStates(snapshot.nodes, podSpec, byNode),
      revision: {
        hash: history.hash,
        templateGeneration: templateGenerationOf(daemonSet),
        createdAt: Date.parse(daemonSet.metadata.creationTimestamp),
      },
      since: policy.strictUpstream ? undefined : (history.since ?? now),
      minReadySeconds: daemonSet.spec.minReadySeconds ?? 0,
      now,
    },
  };
}

/** The pods as they are once the history is in order: one that gets another hash label is judged by that. */
function relabelled(pods: readonly PodRecord[], history: readonly HistoryAction[]): readonly PodRecord[] {
  const hashes = new Map(
    history.flatMap((action) => (action.kind === 'relabelPod' ? [[action.pod, action.hash] as const] : [])),
  );
  if (hashes.size === 0) return pods;
  return pods.map((pod) => {
    const hash = hashes.get(pod);
    return hash === undefined
      ? pod
      : { ...pod, labels: { ...pod.labels, [CONTROLLER_REVISION_HASH_LABEL]: hash } };
  });
}

function nodeStates(
  nodes: readonly NodeRecord[],
  podSpec: PodSpec,
  byNode: PodsByNode,
): readonly NodeState[] {
  const eligibility = compileEligibility(podSpec);
  return nodes.map((node) => ({
    node,
    eligibility: eligibility(node),
    pods: byNode.get(node.name) ?? [],
  }));
}
