import { NODE_NAME_FIELD } from '../../api/keys.ts';
import type { Affinity, NodeSelector, PodSpec } from '../../api/pod.ts';

/**
 * The affinity that lets the scheduler place a pod on `node` only. Required node affinity terms are replaced
 * (they were evaluated when the node was chosen); preferred ones and pod (anti-)affinity stay.
 *
 * Source: upstream `ReplaceDaemonSetPodNodeNameNodeAffinity`.
 */
export function pinToNode(affinity: Affinity | undefined, node: string): Affinity {
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: NODE_NAME_FIELD, operator: 'In', values: [node] }] }],
      },
    },
  };
}

/**
 * The node a daemon pod runs on or is meant for: spec.nodeName, else the node that its required affinity names.
 * Undefined when it names none, or several.
 *
 * Source: upstream `GetTargetNodeName`.
 */
export function targetNodeName(spec: PodSpec | undefined): string | undefined {
  if (spec?.nodeName) return spec.nodeName;
  return affinityNodeName(spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
}

function affinityNodeName(required: NodeSelector | undefined): string | undefined {
  for (const term of required?.nodeSelectorTerms ?? []) {
    for (const field of term.matchFields ?? []) {
      if (field.key !== NODE_NAME_FIELD || field.operator !== 'In') continue;
      // Only the first such requirement is looked at: more than one value names no node.
      return field.values?.length === 1 ? field.values[0] : undefined;
    }
  }
  return undefined;
}
