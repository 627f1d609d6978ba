import type { NodeRecord, Taint } from '../../api/node.ts';
import type { PodSpec } from '../../api/pod.ts';
import { addDaemonTolerations } from '../placement/daemon-tolerations.ts';
import { compileNodeSelector } from './node-affinity.ts';
import { untoleratedTaint } from './taints.ts';

/** Why a node gets no daemon pod. */
export type IneligibleReason =
  | { readonly kind: 'nodeName'; readonly wanted: string }
  | {
      readonly kind: 'nodeSelector';
      readonly key: string;
      readonly wanted: string;
      readonly actual: string | undefined;
    }
  | { readonly kind: 'nodeAffinity' }
  | { readonly kind: 'taint'; readonly taint: Taint };

/**
 * The two questions about a node. `shouldRun`: a missing pod is created there. `shouldContinueRunning`: a pod
 * that is there may stay. The first never holds without the second.
 */
export type Eligibility =
  | { readonly shouldRun: true; readonly shouldContinueRunning: true }
  | { readonly shouldRun: false; readonly shouldContinueRunning: boolean; readonly reason: IneligibleReason };

const ELIGIBLE: Eligibility = { shouldRun: true, shouldContinueRunning: true };

/**
 * Compiles a pod template's scheduling demands into a function that answers for one node. Evaluated with the
 * user's own nodeSelector and affinity plus the daemon tolerations; capacity, ports, node conditions,
 * `unschedulable` and pod affinity are left to the scheduler and the kubelet.
 *
 * Source: upstream `NodeShouldRunDaemonPod`.
 */
export function compileEligibility(spec: PodSpec): (node: NodeRecord) => Eligibility {
  const tolerations = addDaemonTolerations(spec);
  const nodeSelector = Object.entries(spec.nodeSelector ?? {});
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const affinityMatches = required ? compileNodeSelector(required) : () => true;

  return (node) => {
    if (spec.nodeName && spec.nodeName !== node.name)
      return misfit({ kind: 'nodeName', wanted: spec.nodeName });
    for (const [key, wanted] of nodeSelector) {
      const actual = Object.hasOwn(node.labels, key) ? node.labels[key] : undefined;
      if (actual !== wanted) return misfit({ kind: 'nodeSelector', key, wanted, actual });
    }
    if (!affinityMatches(node)) return misfit({ kind: 'nodeAffinity' });

    const evicting = untoleratedTaint(node.taints, tolerations, ['NoExecute']);
    if (evicting) return misfit({ kind: 'taint', taint: evicting });
    const repelling = untoleratedTaint(node.taints, tolerations, ['NoSchedule']);
    if (repelling) {
      return {
        shouldRun: false,
        shouldContinueRunning: true,
        reason: { kind: 'taint', taint: repelling },
      };
    }
    return ELIGIBLE;
  };
}

function misfit(reason: IneligibleReason): Eligibility {
  return { shouldRun: false, shouldContinueRunning: false, reason };
}

/** The reason as a sentence for people, such as `has the taint dedicated=gpu:NoSchedule, which the pod does not tolerate`. */
export function describeReason(reason: IneligibleReason): string {
  switch (reason.kind) {
    case 'nodeName':
      return `the template names the node ${reason.wanted} in spec.nodeName`;
    case 'nodeSelector':
      return reason.actual === undefined
        ? `lacks the label ${reason.key}=${reason.wanted} that spec.nodeSelector asks for`
        : `has ${reason.key}=${reason.actual}, and spec.nodeSelector asks for ${reason.wanted}`;
    case 'nodeAffinity':
      return 'matches no term of the required node affinity';
    case 'taint':
      return `has the taint ${formatTaint(reason.taint)}, which the pod does not tolerate`;
  }
}

/** The taint in kubectl's notation, `key=value:Effect`. */
export function formatTaint({ key, value, effect }: Taint): string {
  return value ? `${key}=${value}:${effect}` : `${key}:${effect}`;
}
