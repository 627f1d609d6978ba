import type { NodeRecord } from '../../../api/node.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetChange, DaemonSetRule } from '../rule.ts';
import { nodeKeys } from '../node-terms.ts';
import { daemonPods, eligibleNodes } from './daemon-pods.ts';

const LABELS = ['kubernetes.io/os', 'kubernetes.io/arch'] as const;

/**
 * An image that is made for one platform does not start on nodes of another; who says nothing gets all nodes. One
 * that runs on nodes of each is made for all of them.
 */
export const platform: DaemonSetRule = {
  id: 'platform',
  level: 'off',
  check: (change) => {
    const spec = readPodSpec(change.object, 'spec', 'template', 'spec');
    const nodes = eligibleNodes(change);
    if (!spec || !nodes) return [];
    const chosen = new Set(nodeKeys(spec).map(({ key }) => key));
    return LABELS.filter((label) => !chosen.has(label)).flatMap((label) => {
      const values = valuesOf(nodes, label);
      if (values.length < 2 || valuesOf(provenAmong(nodes, change), label).length === values.length)
        return [];
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

/** Those on which a pod is ready. */
function provenAmong(nodes: readonly NodeRecord[], change: DaemonSetChange): readonly NodeRecord[] {
  const ready = daemonPods(change).filter((pod) => pod.ready);
  const names = new Set(ready.map(({ nodeName }) => nodeName));
  return nodes.filter(({ name }) => names.has(name));
}

function valuesOf(nodes: readonly NodeRecord[], label: string): readonly string[] {
  return [...new Set(nodes.flatMap(({ labels }) => labels[label] ?? []))].toSorted();
}
