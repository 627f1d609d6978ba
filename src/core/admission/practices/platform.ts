import type { NodeRecord } from '../../../api/node.ts';
import { compileEligibility } from '../../scheduling/eligibility.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { nodeKeys } from '../node-terms.ts';
import { daemonPods } from './daemon-pods.ts';

const LABELS = ['kubernetes.io/os', 'kubernetes.io/arch'] as const;

/**
 * An image that is made for one platform does not start on nodes of another; who says nothing gets all nodes. One
 * that runs on nodes of each is made for all of them.
 */
export const platform: DaemonSetRule = {
  id: 'platform',
  level: 'off',
  check: (change) => {
    const { object, cluster } = change;
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    if (!cluster || !spec) return [];
    const chosen = new Set(nodeKeys(spec).map(({ key }) => key));
    const isEligible = compileEligibility(spec);
    const nodes = cluster.nodes().filter((node) => isEligible(node).shouldRun);
    const proven = new Set(
      daemonPods(change)
        .filter(({ ready }) => ready)
        .map(({ nodeName }) => nodeName),
    );
    return LABELS.filter((label) => !chosen.has(label)).flatMap((label) => {
      const values = valuesOf(nodes, label);
      const works = valuesOf(
        nodes.filter(({ name }) => proven.has(name)),
        label,
      );
      if (values.length < 2 || works.length === values.length) return [];
      return [
        {
          path: `spec.template.spec.nodeSelector[${label}]`,
          message:
            `is not set, and the DaemonSet runs on nodes of ${values.join(' and ')}: an image for one of them fails ` +
            'on the others. Choose one, or use an image that is made for all',
          brief: `is not set, and there are nodes of ${values.join(' and ')}`,
        },
      ];
    });
  },
};

function valuesOf(nodes: readonly NodeRecord[], label: string): readonly string[] {
  return [...new Set(nodes.flatMap(({ labels }) => labels[label] ?? []))].toSorted();
}
