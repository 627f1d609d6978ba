import type { NodeSelectorTerm, PodSpec } from '../../src/api/pod.ts';

/** A spec that asks for one of these terms. */
export function required(nodeSelectorTerms: readonly NodeSelectorTerm[]): PodSpec {
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  };
}
