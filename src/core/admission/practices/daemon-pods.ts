import type { NodeRecord } from '../../../api/node.ts';
import type { PodRecord } from '../../../api/pod.ts';
import { compileEligibility, type Eligibility } from '../../scheduling/eligibility.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetChange } from '../rule.ts';
import { readString } from '../untrusted.ts';

/** The living pods of a stored DaemonSet; none where it is not stored yet, or the cluster not known. */
export function daemonPods({ object, namespace, cluster }: DaemonSetChange): readonly PodRecord[] {
  const uid = readString(object, 'metadata', 'uid');
  if (!cluster || typeof uid !== 'string') return [];
  return cluster.podsOf(namespace, uid).filter(({ terminating }) => !terminating);
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
