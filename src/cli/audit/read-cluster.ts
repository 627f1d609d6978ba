import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS, type ResourceKind } from '../../api/kinds.ts';
import type { PodRecord } from '../../api/pod.ts';
import type { WorkloadRecord } from '../../api/workload.ts';
import { WORKLOAD_KINDS } from '../../cache/cluster-caches.ts';
import type { ListedObjects } from '../../core/admission/listed-cluster.ts';
import type { NotRead } from '../../core/doctor/evidence.ts';
import { nodeRecord, podRecord, revisionRecord } from '../../core/records/records.ts';
import { workloadRecord } from '../../core/records/workload-record.ts';
import { isOutage } from '../examining.ts';
import type { Reader } from '../reader.ts';

/** What was read of a cluster, and what was not. */
export type ClusterRead = {
  readonly objects: ListedObjects;
  /** Rules that would take what was not read for something that is not there. */
  readonly blind: ReadonlySet<string>;
  readonly notRead: readonly NotRead[];
  /** Whether the cluster stopped answering in the middle. */
  readonly brokenOff: boolean;
};

/** By kind, the rules that mean nothing without it. */
const NEEDED_BY: readonly (readonly [ResourceKind, readonly string[]])[] = [
  [PODS, ['nodes-without-pod', 'misscheduled', 'crash-loop', 'stale-on-delete']],
  [NODES, ['misscheduled']],
  [CONTROLLER_REVISIONS, ['stale-on-delete']],
];

/**
 * Reads what rules look at, in pages, keeping of each object what they need. What may not be read is named; when
 * the cluster goes away in the middle, what has been read by then is returned.
 *
 * @param onProgress told what is being read.
 */
export async function readCluster(
  reader: Reader,
  namespace: string | undefined,
  onProgress: (what: string) => void,
): Promise<ClusterRead> {
  const lists = new Map<ResourceKind, readonly unknown[] | undefined>();
  const where = namespace === undefined ? {} : { namespace };
  const outages: NotRead[] = [];
  const read = async (kind: ResourceKind, project: (raw: unknown) => unknown): Promise<void> => {
    onProgress(kind.plural);
    lists.set(kind, await reader.list(kind, kind.namespaced ? where : {}, project));
  };
  try {
    await read(DAEMONSETS, (raw) => raw);
    await read(NODES, nodeRecord);
    await read(PODS, (raw) => podOfInterest(podRecord(raw)));
    await read(CONTROLLER_REVISIONS, revisionRecord);
    for (const kind of WORKLOAD_KINDS) await read(kind, (raw) => workloadRecord(kind.kind, raw));
  } catch (error) {
    // Without a single list there is nothing to judge.
    if (!isOutage(error) || lists.size === 0) throw error;
    outages.push({ what: 'what comes after it', why: error.message });
  }
  // Each list holds what its own projection made.
  const listed = (kind: ResourceKind): readonly never[] =>
    (lists.get(kind) ?? []).filter((each) => each !== undefined) as never[];
  return {
    objects: {
      daemonSets: listed(DAEMONSETS),
      nodes: listed(NODES),
      pods: listed(PODS),
      revisions: listed(CONTROLLER_REVISIONS),
      workloads: WORKLOAD_KINDS.flatMap((kind): readonly WorkloadRecord[] => listed(kind)),
    },
    blind: new Set(NEEDED_BY.flatMap(([kind, rules]) => (lists.get(kind) === undefined ? rules : []))),
    notRead: [...reader.notRead, ...outages],
    brokenOff: outages.length > 0,
  };
}

/** Pods of other controllers are most of a cluster, and no rule looks at them. */
function podOfInterest(pod: PodRecord): PodRecord | undefined {
  return pod.controller === undefined || pod.controller.kind === 'DaemonSet' ? pod : undefined;
}
