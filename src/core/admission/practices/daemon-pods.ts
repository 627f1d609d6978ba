import type { NodeRecord } from '../../../api/node.ts';
import type { PodRecord } from '../../../api/pod.ts';
import { compileEligibility, type Eligibility } from '../../scheduling/eligibility.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetChange } from '../rule.ts';
import { readString } from '../untrusted.ts';

/** What a kubelet may need beyond the grace period to report that a pod has ended. */
const OVERDUE_MS = 60_000;

/** The living pods of a stored DaemonSet; none where it is not stored yet, or the cluster not known. */
export function daemonPods(change: DaemonSetChange): readonly PodRecord[] {
  return allPods(change).filter(({ terminating }) => !terminating);
}

/** Names of nodes whose pod is there, or on its way out in good time: the next one is made when it has gone. */
export function occupiedNodes(change: DaemonSetChange): ReadonlySet<string | undefined> {
  const { now } = change;
  const there = allPods(change).filter(
    ({ terminating, goneBy = 0 }) => !terminating || (now !== undefined && now < goneBy + OVERDUE_MS),
  );
  return new Set(there.map(({ targetNode }) => targetNode));
}

function allPods({ object, namespace, cluster }: DaemonSetChange): readonly PodRecord[] {
  const uid = readString(object, 'metadata', 'uid');
  return cluster && typeof uid === 'string' ? cluster.podsOf(namespace, uid) : [];
}

/** The nodes that its template comes to; undefined where no nodes are known, as in files. */
export function eligibleNodes({ object, cluster }: DaemonSetChange): readonly NodeRecord[] | undefined {
  const spec = readPodSpec(object, 'spec', 'template', 'spec');
  const nodes = cluster?.nodes() ?? [];
  if (!spec || nodes.length === 0) return undefined;
  const eligibilityOf = compileEligibility(spec);
  return nodes.filter((node) => eligibilityOf(node).shouldRun);
}

/** What its template says of every node; undefined for what is not stored yet, and where the cluster is not known. */
export function eligibilities(
  change: DaemonSetChange,
): readonly { readonly node: NodeRecord; readonly eligibility: Eligibility }[] | undefined {
  const { object, cluster } = change;
  const spec = readPodSpec(object, 'spec', 'template', 'spec');
  if (!cluster || !spec || typeof readString(object, 'metadata', 'uid') !== 'string') return undefined;
  const eligibilityOf = compileEligibility(spec);
  return cluster.nodes().map((node) => ({ node, eligibility: eligibilityOf(node) }));
}
