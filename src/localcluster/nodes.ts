import type { StringMap } from '../api/meta.ts';
import type { Taint } from '../api/node.ts';

/** A simulated node to be made. */
export type NodeSpec = {
  readonly name: string;
  readonly labels?: StringMap;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
};

/** By this annotation KWOK knows the nodes whose kubelet it plays. */
export const KWOK_NODE_ANNOTATION = 'kwok.x-k8s.io/node';

/**
 * Nodes that show what matters to a DaemonSet: the first is a tainted master, the second cordoned, the third has
 * `disktype=ssd`; all others are plain.
 */
export function defaultNodes(count: number): readonly NodeSpec[] {
  return Array.from({ length: count }, (_, index): NodeSpec => {
    const name = `node-${index + 1}`;
    // A cluster of one or two would otherwise have nowhere to run.
    if (count < 3) return { name };
    switch (index) {
      case 0:
        return {
          name,
          labels: { 'node-role.kubernetes.io/master': '' },
          taints: [{ key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' }],
        };
      case 1:
        return { name, unschedulable: true };
      case 2:
        return { name, labels: { disktype: 'ssd' } };
      default:
        return { name };
    }
  });
}

/** The Node object for the API server. */
export function nodeManifest({ name, labels, taints, unschedulable }: NodeSpec): object {
  const resources = { cpu: '32', memory: '128Gi', pods: '250', 'ephemeral-storage': '512Gi' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...labels,
      },
      annotations: { [KWOK_NODE_ANNOTATION]: 'fake' },
    },
    spec: { ...(taints && { taints }), ...(unschedulable && { unschedulable }) },
    status: { capacity: resources, allocatable: resources },
  };
}
