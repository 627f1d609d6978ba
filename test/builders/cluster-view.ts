import type { WorkloadRecord } from '../../src/api/workload.ts';
import { listedCluster, type ListedObjects } from '../../src/core/admission/listed-cluster.ts';

export type ClusterContent = ListedObjects;

/** What rules see of a cluster that holds these objects and no others. */
export const clusterOf = listedCluster;

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
