import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import type { PodRecord } from '../../api/pod.ts';
import { isAvailable } from '../rollout/availability.ts';
import type { NodeState, PlannedEvent, PodDeletion } from '../plan.ts';
import { type BackoffEntry, type FailedPodBackoff, failedPodVerdict } from './failed-pod-backoff.ts';

export type ManageInput = {
  readonly nodes: readonly NodeState[];
  /** Hash of the revision that new pods get. */
  readonly hash: string;
  readonly surge: boolean;
  readonly minReadySeconds: number;
  readonly backoff: FailedPodBackoff;
  readonly now: number;
};

export type ManageResult = {
  readonly nodesNeedingPods: readonly string[];
  readonly podsToDelete: readonly PodDeletion[];
  readonly events: readonly PlannedEvent[];
  readonly backoff: FailedPodBackoff;
  readonly requeueAfterMs: number | undefined;
};

/**
 * Which nodes lack their pod and which pods have to go, whatever the rollout does.
 *
 * | node                        | no pod  | has pods                                                        |
 * |-----------------------------|---------|-----------------------------------------------------------------|
 * | shouldRun                   | create  | failed (outside back-off), succeeded and surplus ones deleted   |
 * | only shouldContinueRunning  | -       | the same; none is created                                       |
 * | neither                     | -       | all deleted                                                     |
 *
 * Without surge a pod is created only where there is none left, so a node never has two that run.
 *
 * Source: upstream `manage` and `podsShouldBeOnNode`.
 */
export function manage(input: ManageInput): ManageResult {
  const pass = new ManagePass(input);
  for (const state of input.nodes) pass.visit(state);
  return pass.result();
}

class ManagePass {
  readonly #input: ManageInput;
  readonly #nodesNeedingPods: string[] = [];
  readonly #podsToDelete: PodDeletion[] = [];
  readonly #events: PlannedEvent[] = [];
  readonly #backoff: Map<string, BackoffEntry>;
  #requeueAfterMs: number | undefined;

  constructor(input: ManageInput) {
    this.#input = input;
    this.#backoff = new Map(input.backoff);
  }

  result(): ManageResult {
    return {
      nodesNeedingPods: this.#nodesNeedingPods,
      podsToDelete: this.#podsToDelete,
      events: this.#events,
      backoff: this.#backoff,
      requeueAfterMs: this.#requeueAfterMs,
    };
  }

  visit(state: NodeState): void {
    const { node, eligibility, pods } = state;
    if (eligibility.shouldRun && pods.length === 0) this.#nodesNeedingPods.push(node.name);
    else if (eligibility.shouldContinueRunning) this.#visitKept(state);
    else for (const pod of pods) this.#delete(pod, 'NodeNotEligible');
  }

  #visitKept({ node, eligibility, pods }: NodeState): void {
    const running: PodRecord[] = [];
    let waiting = false;
    for (const pod of pods) {
      if (pod.terminating) continue;
      if (pod.phase === 'Failed') waiting = !this.#replaceFailed(pod, node.name) || waiting;
      else if (pod.phase === 'Succeeded') this.#replaceSucceeded(pod, node.name);
      else running.push(pod);
    }
    if (!this.#input.surge) {
      for (const pod of running.slice(1)) this.#delete(pod, 'Duplicate');
    } else if (running.length > 0) {
      this.#pruneSurge(running);
    } else if (eligibility.shouldRun && !waiting) {
      // Upstream creates here even while the failed pod waits, so rejected pods pile up (kubernetes#124388).
      this.#nodesNeedingPods.push(node.name);
    }
  }

  /** Deletes the failed pod unless its node is in back-off; false when it has to wait. */
  #replaceFailed(pod: PodRecord, node: string): boolean {
    const verdict = failedPodVerdict(this.#backoff.get(node), this.#input.now);
    if (verdict.kind === 'wait') {
      this.#requeueAfterMs = Math.min(this.#requeueAfterMs ?? Infinity, verdict.remainingMs);
      return false;
    }
    this.#backoff.set(node, verdict.next);
    this.#events.push({
      type: 'Warning',
      reason: 'FailedDaemonPod',
      message: `Found failed daemon pod ${pod.namespace}/${pod.name} on node ${node}, will try to kill it`,
    });
    this.#delete(pod, 'Failed');
    return true;
  }

  #replaceSucceeded(pod: PodRecord, node: string): void {
    this.#events.push({
      type: 'Normal',
      reason: 'SucceededDaemonPod',
      message: `Found succeeded daemon pod ${pod.namespace}/${pod.name} on node ${node}, will try to delete it`,
    });
    this.#delete(pod, 'Succeeded');
  }

  /**
   * During a surge a node keeps one new and one old pod at most; the old one goes once it is not ready, or the
   * new one is available. Told apart by the hash label alone, as upstream does here.
   */
  #pruneSurge(running: readonly PodRecord[]): void {
    const { hash, minReadySeconds, now } = this.#input;
    if (running.length < 2) return;
    const isNew = (pod: PodRecord): boolean => pod.labels[CONTROLLER_REVISION_HASH_LABEL] === hash;
    const newPod = running.find(isNew);
    const oldPod = running.find((pod) => !isNew(pod));
    for (const pod of running) if (pod !== newPod && pod !== oldPod) this.#delete(pod, 'Duplicate');
    if (!newPod || !oldPod) return;
    if (!oldPod.ready || isAvailable(newPod, minReadySeconds, now)) this.#delete(oldPod, 'Outdated');
  }

  #delete(pod: PodRecord, reason: PodDeletion['reason']): void {
    if (!pod.terminating) this.#podsToDelete.push({ pod, reason });
  }
}
