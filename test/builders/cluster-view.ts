import type { DaemonSet } from '../../src/api/daemonset.ts';
import type { NodeRecord } from '../../src/api/node.ts';
import type { PodRecord } from '../../src/api/pod.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import type { WorkloadRecord } from '../../src/api/workload.ts';
import type { ClusterView } from '../../src/core/admission/cluster-view.ts';

export type ClusterContent = {
  readonly daemonSets?: readonly DaemonSet[];
  readonly nodes?: readonly NodeRecord[];
  readonly pods?: readonly PodRecord[];
  readonly revisions?: readonly RevisionRecord[];
  readonly workloads?: readonly WorkloadRecord[];
};

/** What rules see of a cluster that holds these objects and no others. */
export function clusterOf(content: ClusterContent): ClusterView {
  const { daemonSets = [], nodes = [], pods = [], revisions = [], workloads = [] } = content;
  const inNamespace =
    (namespace: string) =>
    (object: { readonly namespace: string }): boolean =>
      object.namespace === namespace;
  return {
    daemonSets: (namespace) =>
      daemonSets.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    nodes: () => nodes,
    podsOf: (namespace, uid) =>
      pods.filter((pod) => inNamespace(namespace)(pod) && pod.controller?.uid === uid),
    barePods: (namespace) => pods.filter((pod) => inNamespace(namespace)(pod) && !pod.controller),
    revisionsOf: (namespace, uid) =>
      revisions.filter((revision) => inNamespace(namespace)(revision) && revision.controller?.uid === uid),
    orphanedRevisions: (namespace) =>
      revisions.filter((revision) => inNamespace(namespace)(revision) && !revision.controller),
    workloads: (namespace) => workloads.filter(inNamespace(namespace)),
  };
}

export function workload(
  kind: string,
  name: string,
  overrides: Partial<WorkloadRecord> = {},
): WorkloadRecord {
  const podLabels = overrides.podLabels ?? { app: name };
  return {
    kind,
    name,
    namespace: 'default',
    uid: `uid-${kind}-${name}`,
    resourceVersion: '1',
    selector: { matchLabels: podLabels },
    podLabels,
    ...overrides,
  };
}
