import type { StringMap } from '../../api/meta.ts';
import type { PodMaker } from './pod-maker.ts';

/** A request as admission sees it, as far as it is known before it is made. */
export type Attributes = {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly kind: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly namespaceLabels: StringMap;
  /** Of the object; undefined where they are not known. */
  readonly labels: StringMap | undefined;
  /** Kind of the object's controller; empty where it has none. */
  readonly controller: string;
  /** Whether the kubelet of a node asks. */
  readonly byKubelet: boolean;
};

/** Labels of each namespace. */
export type Namespaces = ReadonlyMap<string, StringMap>;

/** The API server keeps this label on every namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

export function labelsOf(namespaces: Namespaces, name: string): StringMap {
  return namespaces.get(name) ?? { [NAME_LABEL]: name };
}

const CORE = { group: '', version: 'v1', controller: '', byKubelet: false } as const;

/** The requests that bring a pod of that maker to its node: it is created, and bound. */
export function podRequests(maker: PodMaker, namespaces: Namespaces): readonly Attributes[] {
  const { kind, namespace, podLabels, isStatic } = maker;
  const common = { ...CORE, operation: 'CREATE', resource: 'pods', namespace } as const;
  const namespaceLabels = labelsOf(namespaces, namespace);
  const pod: Attributes = {
    ...common,
    namespaceLabels,
    subresource: '',
    kind: 'Pod',
    labels: podLabels,
    controller: isStatic ? 'Node' : kind,
    byKubelet: isStatic,
  };
  // A Binding carries no labels.
  return isStatic
    ? [pod]
    : [pod, { ...common, namespaceLabels, subresource: 'binding', kind: 'Binding', labels: {} }];
}

/** The requests by which a node shows that it lives. */
export function heartbeats(namespaces: Namespaces): readonly Attributes[] {
  const kubelet = { ...CORE, operation: 'UPDATE', labels: undefined, byKubelet: true } as const;
  return [
    {
      ...kubelet,
      group: 'coordination.k8s.io',
      resource: 'leases',
      subresource: '',
      kind: 'Lease',
      namespace: 'kube-node-lease',
      namespaceLabels: labelsOf(namespaces, 'kube-node-lease'),
      labels: {},
    },
    {
      ...kubelet,
      resource: 'nodes',
      subresource: 'status',
      kind: 'Node',
      namespace: '',
      namespaceLabels: {},
    },
  ];
}
