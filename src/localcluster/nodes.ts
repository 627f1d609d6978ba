import type { StringMap } from '../api/meta.ts';
import type { Taint } from '../api/node.ts';
import { KUBERNETES_VERSION, KWOK_VERSION } from './versions.ts';

/** A simulated node to be made. */
export type NodeSpec = {
  readonly name: string;
  readonly labels?: StringMap;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
};

/** The part of a Node that tells whether pods can run there. */
export type RawNode = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

/** By this annotation KWOK knows the nodes whose kubelet it plays. */
export const KWOK_NODE_ANNOTATION = 'kwok.x-k8s.io/node';

/** A master as older clusters mark it, and as new ones label it: kubectl shows both roles. */
const MASTER: Omit<NodeSpec, 'name'> = {
  labels: { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/master': '' },
  taints: [{ key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' }],
};

/**
 * Nodes that show what matters to a DaemonSet: the first is a tainted master, the second cordoned, the third has
 * `disktype=ssd`; all others are plain. Of one or two, all are plain: pods would otherwise have nowhere to run.
 */
export function defaultNodes(count: number): readonly NodeSpec[] {
  const special: readonly Omit<NodeSpec, 'name'>[] =
    count < 3 ? [] : [MASTER, { unschedulable: true }, { labels: { disktype: 'ssd' } }];
  return Array.from({ length: count }, (_, index) => ({ name: `node-${index + 1}`, ...special[index] }));
}

/**
 * The Node object as a kubelet would register it.
 *
 * @param index gives the node an address of its own; up to a million.
 */
export function nodeManifest({ name, labels, taints, unschedulable }: NodeSpec, index: number): object {
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
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address: addressOf(index) },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: NODE_INFO,
    },
  };
}

const NODE_INFO = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: `kwok://${KWOK_VERSION.slice(1)}`,
  kernelVersion: 'simulated',
  kubeProxyVersion: '',
  kubeletVersion: KUBERNETES_VERSION,
  machineID: '',
  operatingSystem: 'linux',
  osImage: 'simulated by KWOK',
  systemUUID: '',
};

/** Counts through 172.16.0.0/12, which neither pods nor Services use here. */
function addressOf(index: number): string {
  const host = index + 1;
  return `172.${16 + ((host >> 16) & 15)}.${(host >> 8) & 255}.${host & 255}`;
}

/** Names of the nodes that are not Ready yet, or still have the taint of a new node. */
export function lateNodes(wanted: readonly NodeSpec[], existing: readonly RawNode[]): readonly string[] {
  const ready = new Set(existing.filter(isReady).map(({ metadata }) => metadata.name));
  return wanted.map(({ name }) => name).filter((name) => !ready.has(name));
}

function isReady({ spec, status }: RawNode): boolean {
  const isNew = spec.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready') ?? false;
  const hasReady =
    status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return hasReady && !isNew;
}
