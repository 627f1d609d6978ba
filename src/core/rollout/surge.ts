import type { PodRecord } from '../../api/pod.ts';
import type { NodeState, PodDeletion } from '../plan.ts';
import { isAvailable } from './availability.ts';
import { findUpdatedPods } from './node-pods.ts';
import { wasDownBefore } from './node-readiness.ts';
import type { RolloutInput } from './rolling-update.ts';

export type SurgeResult = {
  readonly nodesNeedingPods: readonly string[];
  readonly podsToDelete: readonly PodDeletion[];
};

/**
 * A rollout that adds the new pod before it takes the old one away.
 *
 * | old pod      | new pod       | node eligible | node no longer eligible                      |
 * |--------------|---------------|---------------|----------------------------------------------|
 * | not available| -             | create new    | delete old                                   |
 * | available    | -             | create new, at most maxSurge at a time | delete old while enough others are available |
 * | any          | not available | wait          | wait                                         |
 * | any          | available     | delete old    | delete old                                   |
 *
 * A node that was down before the rollout began counts nowhere: its new pod is made, and not waited for.
 *
 * Invariant: an available pod is deleted only when its successor is available, or, on a node that will not get
 * one, while at least `desired` pods are available.
 *
 * Source: upstream `rollingUpdate`, maxSurge > 0.
 */
export function surge(input: RolloutInput): SurgeResult {
  const pass = new SurgePass(input);
  for (const state of input.nodes) pass.visit(state);
  return pass.result();
}

class SurgePass {
  readonly #input: RolloutInput;
  readonly #allowed: string[] = [];
  readonly #candidates: string[] = [];
  readonly #oldPods: PodRecord[] = [];
  readonly #sunset: PodRecord[] = [];
  #surging = 0;
  #available = 0;
  #desired = 0;

  constructor(input: RolloutInput) {
    this.#input = input;
  }

  visit(state: NodeState): void {
    const counts = !wasDownBefore(state.node, this.#input.since);
    if (state.eligibility.shouldRun && counts) this.#desired += 1;
    const found = findUpdatedPods(state.pods, this.#input.revision);
    if (found.excess) {
      if (counts) this.#surging += 1;
      return;
    }
    const { newPod, oldPod } = found;
    if (this.#isAvailable(oldPod ?? newPod)) this.#available += 1;
    if (!oldPod) return;
    if (!newPod) this.#visitOutdated(state, oldPod);
    else if (this.#isAvailable(newPod)) this.#oldPods.push(oldPod);
    else if (counts) this.#surging += 1;
  }

  #visitOutdated({ node, eligibility }: NodeState, oldPod: PodRecord): void {
    // `manage` replaces a failed pod when its back-off allows; one more beside it would only fail too.
    if (oldPod.phase === 'Failed') return;
    if (this.#isAvailable(oldPod)) {
      if (eligibility.shouldRun) this.#candidates.push(node.name);
      else this.#sunset.push(oldPod);
    } else if (eligibility.shouldRun) {
      this.#allowed.push(node.name);
    } else {
      this.#oldPods.push(oldPod);
    }
  }

  #isAvailable(pod: PodRecord | undefined): boolean {
    return pod !== undefined && isAvailable(pod, this.#input.minReadySeconds, this.#input.now);
  }

  result(): SurgeResult {
    const mayGo = Math.max(0, this.#available - this.#desired);
    const maySurge = Math.max(0, this.#input.budget.maxSurge - this.#surging);
    return {
      nodesNeedingPods: [...this.#allowed, ...this.#candidates.slice(0, maySurge)],
      podsToDelete: [...this.#oldPods, ...this.#sunset.slice(0, mayGo)].map((pod) => ({
        pod,
        reason: 'Outdated',
      })),
    };
  }
}
