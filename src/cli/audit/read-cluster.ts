import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS, type ResourceKind } from '../../api/kinds.ts';
import type { DaemonSet } from '../../api/daemonset.ts';
import type { WorkloadRecord } from '../../api/workload.ts';
import { WORKLOAD_KINDS } from '../../cache/cluster-caches.ts';
import type { ListedObjects } from '../../core/admission/listed-cluster.ts';
import type { NotRead } from '../../core/doctor/evidence.ts';
import { nodeRecord, podOfInterest, revisionRecord } from '../../core/records/records.ts';
import { workloadRecord } from '../../core/records/workload-record.ts';
import { isOutage } from '../examining.ts';
import type { Reader } from '../reader.ts';

/** Which DaemonSets are judged; all, where it says nothing. */
export type Choice = { readonly namespace?: string; readonly selector?: string };

/** What was read of a cluster, and what was not. */
export type ClusterRead = {
  readonly objects: ListedObjects;
  /** uids of the DaemonSets that a selector chose; the others are there for what rules compare with. */
  readonly only: ReadonlySet<string> | undefined;
  /** Rules that would take what was not read for something that is not there. */
  readonly blind: ReadonlySet<string>;
  readonly notRead: readonly NotRead[];
  /** Why the cluster stopped answering in the middle, where it did. */
  readonly brokenOff: Error | undefined;
};

type Step = { readonly kind: ResourceKind; readonly project: (raw: unknown) => unknown };

/** What is read, and what is kept of each object. DaemonSets come first: without them there is nothing to judge. */
const STEPS: readonly Step[] = [
  { kind: DAEMONSETS, project: (raw) => raw },
  { kind: NODES, project: nodeRecord },
  { kind: PODS, project: podOfInterest },
  { kind: CONTROLLER_REVISIONS, project: revisionRecord },
  ...WORKLOAD_KINDS.map((kind) => ({ kind, project: (raw: unknown) => workloadRecord(kind.kind, raw) })),
];

/** By kind, the rules that mean nothing without it. */
const NEEDED_BY: readonly (readonly [ResourceKind, readonly string[]])[] = [
  [PODS, ['nodes-without-pod', 'misscheduled', 'crash-loop', 'stale-on-delete']],
  [NODES, ['misscheduled', 'host-port-clash', 'same-job']],
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
  { namespace, selector }: Choice,
  onProgress: (what: string) => void,
): Promise<ClusterRead> {
  const lists = new Map<ResourceKind, readonly unknown[] | undefined>();
  const where = namespace === undefined ? {} : { namespace };
  const only =
    selector === undefined ? undefined : await chosen(reader, { ...where, labelSelector: selector });
  let brokenOff: Error | undefined;
  try {
    for (const { kind, project } of STEPS) {
      onProgress(kind.plural);
      lists.set(kind, await reader.list(kind, kind.namespaced ? where : {}, project));
    }
  } catch (error) {
    if (!isOutage(error) || lists.size === 0) throw error;
    brokenOff = error;
  }
  const missed = STEPS.filter(({ kind }) => !lists.has(kind));
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
    only,
    blind: new Set(NEEDED_BY.flatMap(([kind, rules]) => (lists.get(kind) === undefined ? rules : []))),
    notRead: [
      ...reader.notRead,
      ...missed.map(({ kind }) => ({ what: kind.plural, why: 'the cluster went away' })),
    ],
    brokenOff,
  };
}

async function chosen(
  reader: Reader,
  where: { readonly namespace?: string; readonly labelSelector: string },
): Promise<ReadonlySet<string>> {
  return new Set(await reader.list(DAEMONSETS, where, ({ metadata: { uid } }: DaemonSet) => uid));
}
