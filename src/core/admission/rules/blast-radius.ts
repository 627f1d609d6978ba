import { CONFIRM_ANNOTATION } from '../../../api/keys.ts';
import type { NodeRecord } from '../../../api/node.ts';
import type { PodSpec } from '../../../api/pod.ts';
import { compileEligibility, describeReason } from '../../scheduling/eligibility.ts';
import type { ClusterView } from '../cluster-view.ts';
import { counted, listNames } from '../list-names.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import { readRollout } from '../read-rollout.ts';
import type { DaemonSetChange, DaemonSetRule } from '../rule.ts';
import { type BlastLimits, DEFAULT_SETTINGS } from '../settings.ts';
import { readField, readString, shown } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';

const TEMPLATE = ['spec', 'template'] as const;

/**
 * How many pods an update takes away or replaces. Above one share of them it is warned of, with the numbers;
 * above another it must be confirmed for the generation that it replaces, so that no confirmation serves twice.
 */
export const blastRadius: DaemonSetRule = {
  id: 'blast-radius',
  level: 'deny',
  operations: ['UPDATE'],
  check: (change) => {
    const { object, oldObject, cluster, blastRadius: limits = DEFAULT_SETTINGS.blastRadius } = change;
    const before = readField(oldObject, ...TEMPLATE);
    const after = readField(object, ...TEMPLATE);
    const spec = readPodSpec(object, ...TEMPLATE, 'spec');
    if (!cluster || !spec || JSON.stringify(before) === JSON.stringify(after)) return [];
    const effect = effectOf(change, spec, cluster);
    if (effect.total === 0) return [];
    return [
      ...judge(change, limits.removal, removal(effect)),
      ...judge(change, limits.replacement, replacement(effect)),
    ];
  },
};

/** What an update does to the pods that are there. */
type Effect = {
  readonly total: number;
  /** Nodes that lose their pod. */
  readonly removed: readonly string[];
  /** Why the first of them does. */
  readonly reason: string;
  /** Pods that the rollout replaces. */
  readonly replaced: number;
};

function effectOf(
  { object, oldObject, namespace }: DaemonSetChange,
  spec: PodSpec,
  cluster: ClusterView,
): Effect {
  const uid = readString(oldObject, 'metadata', 'uid');
  const pods = typeof uid === 'string' ? cluster.podsOf(namespace, uid) : [];
  const nodes = new Map(cluster.nodes().map((node) => [node.name, node]));
  const occupied = new Map<string, NodeRecord>();
  for (const { targetNode, terminating } of pods) {
    const node = targetNode === undefined ? undefined : nodes.get(targetNode);
    if (node && !terminating) occupied.set(node.name, node);
  }
  const eligibility = compileEligibility(spec);
  let reason = '';
  const removed: string[] = [];
  for (const name of [...occupied.keys()].toSorted()) {
    const answer = eligibility(occupied.get(name) as NodeRecord);
    if (answer.shouldContinueRunning) continue;
    reason ||= `${name} ${describeReason(answer.reason)}`;
    removed.push(name);
  }
  const rolls = readRollout(object).type === 'RollingUpdate';
  return { total: occupied.size, removed, reason, replaced: rolls ? occupied.size - removed.length : 0 };
}

type Extent = {
  readonly count: number;
  readonly percent: number;
  readonly what: string;
  readonly path: string;
};

function removal({ total, removed, reason }: Effect): Extent {
  return {
    count: removed.length,
    percent: (100 * removed.length) / total,
    what: `removes ${removed.length} of ${counted(total, 'pod')} (${listNames(removed)}): ${reason}`,
    path: 'spec.template.spec',
  };
}

function replacement({ total, replaced }: Effect): Extent {
  return {
    count: replaced,
    percent: (100 * replaced) / total,
    what: `replaces ${replaced} of ${counted(total, 'pod')}`,
    path: 'spec.template',
  };
}

function judge(
  { object, oldObject }: DaemonSetChange,
  { warnPercent, confirmPercent }: BlastLimits,
  { count, percent, what, path }: Extent,
): readonly Problem[] {
  if (count === 0) return [];
  const generation = JSON.stringify(readField(oldObject, 'metadata', 'generation') ?? 0);
  const confirmed = readString(object, 'metadata', 'annotations', CONFIRM_ANNOTATION);
  if (percent > confirmPercent && confirmed !== generation) {
    const stale = typeof confirmed === 'string' ? ` (it is ${shown(confirmed)} now)` : '';
    return [
      {
        path,
        message:
          `${what}. That is more than ${confirmPercent} % of them. If it is meant, set ` +
          `metadata.annotations[${CONFIRM_ANNOTATION}] to "${generation}" in the same change${stale}; it counts for ` +
          'this change only',
      },
    ];
  }
  return percent > warnPercent ? [{ path, message: what, brief: what, atMost: 'warn' }] : [];
}
