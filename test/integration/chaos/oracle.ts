import type { Taint } from '../../../src/api/node.ts';
import type { Seen, SeenDaemonSet, SeenNode, SeenPod } from './history.ts';

// The answers of upstream-daemonset.md §2 for what the chaos does to nodes and templates, written a second time.

/** Taints that every daemon pod tolerates. */
const TOLERATED = [
  'node.kubernetes.io/not-ready:NoExecute',
  'node.kubernetes.io/unreachable:NoExecute',
  'node.kubernetes.io/disk-pressure:NoSchedule',
  'node.kubernetes.io/memory-pressure:NoSchedule',
  'node.kubernetes.io/pid-pressure:NoSchedule',
  'node.kubernetes.io/unschedulable:NoSchedule',
];

/** Whether the node is to have a pod. */
export function shouldRun(of: SeenDaemonSet, node: SeenNode): boolean {
  return inZone(of, node) && node.taints.every((taint) => isHarmless(of, taint));
}

/** Whether a pod that is there may stay. */
export function mayStay(of: SeenDaemonSet, node: SeenNode): boolean {
  return (
    inZone(of, node) && node.taints.every((taint) => taint.effect !== 'NoExecute' || isHarmless(of, taint))
  );
}

function inZone({ zone }: SeenDaemonSet, { labels }: SeenNode): boolean {
  return zone === undefined || labels['zone'] === zone;
}

function isHarmless({ toleratesGpu }: SeenDaemonSet, { key, effect }: Taint): boolean {
  if (effect === 'PreferNoSchedule' || (key === 'gpu' && toleratesGpu)) return true;
  return TOLERATED.includes(`${key}:${effect}`);
}

/** Nodes that may be without an available pod during a rollout, when `desired` should have one. */
export function budgetOf({ rollingUpdate }: SeenDaemonSet, desired: number): number {
  const { maxUnavailable = 1 } = rollingUpdate;
  const budget =
    typeof maxUnavailable === 'number'
      ? maxUnavailable
      : Math.ceil((Number.parseInt(maxUnavailable, 10) * desired) / 100);
  return Math.max(1, budget);
}

export function surges({ onDelete, rollingUpdate: { maxSurge = 0 } }: SeenDaemonSet): boolean {
  return !onDelete && maxSurge !== 0 && maxSurge !== '0%';
}

type FinalState = {
  readonly nodes: Seen<SeenNode>;
  readonly pods: Seen<SeenPod>;
  readonly daemonSets: Seen<SeenDaemonSet>;
};

/** What is not as it has to be when all is quiet; nothing, if all is well. */
export function finalProblems({ nodes, pods, daemonSets }: FinalState): readonly string[] {
  return [...daemonSets.values()].flatMap((daemonSet) => {
    const own = [...pods.values()].filter((pod) => pod.daemonSet === daemonSet.name);
    const lost = own.filter(({ node }) => !nodes.has(node)).map((pod) => `${tell(pod)} has no node`);
    const onNodes = [...nodes.values()].flatMap((node) =>
      nodeProblems(
        daemonSet,
        node,
        own.filter((pod) => pod.node === node.name),
      ),
    );
    return [...lost, ...onNodes, ...statusProblems(daemonSet, nodes, own)];
  });
}

function nodeProblems(of: SeenDaemonSet, node: SeenNode, pods: readonly SeenPod[]): readonly string[] {
  const here = `${of.name} on ${node.name}`;
  if (pods.length > 1) return [`${here}: ${pods.map(tell).join(' and ')}`];
  const [pod] = pods;
  if (!shouldRun(of, node)) return pod && !mayStay(of, node) ? [`${here}: ${tell(pod)} should be gone`] : [];
  if (!pod) return [`${here}: no pod`];
  // With OnDelete a pod of a broken template stays until somebody deletes it.
  const isBroken = of.onDelete && pod.template.endsWith('never-ready');
  if (pod.ready === isBroken || pod.ended || pod.terminating) return [`${here}: ${tell(pod)} is not ready`];
  if (!of.onDelete && pod.template !== of.template)
    return [`${here}: ${tell(pod)} is outdated, ${of.template} is wanted`];
  return [];
}

function statusProblems(
  { name, template, generation, status, ...of }: SeenDaemonSet,
  nodes: Seen<SeenNode>,
  pods: readonly SeenPod[],
): readonly string[] {
  const daemonSet = { name, template, generation, status, ...of };
  const eligible = (node: string): boolean => {
    const found = nodes.get(node);
    return found !== undefined && shouldRun(daemonSet, found);
  };
  const desired = [...nodes.values()].filter((node) => shouldRun(daemonSet, node)).length;
  const serving = pods.filter(({ node }) => eligible(node));
  const ready = serving.filter((pod) => pod.ready).length;
  const wanted = {
    desiredNumberScheduled: desired,
    currentNumberScheduled: serving.length,
    numberMisscheduled: pods.length - serving.length,
    numberReady: ready,
    updatedNumberScheduled: serving.filter((pod) => pod.template === template).length,
    numberAvailable: ready,
    numberUnavailable: desired - ready,
    observedGeneration: generation,
  };
  return Object.entries(wanted)
    .filter(([field, count]) => (status[field] ?? 0) !== count)
    .map(([field, count]) => `${name}: status.${field} is ${status[field] as number}, not ${count}`);
}

function tell({ name, template, phase, ready, terminating }: SeenPod): string {
  const state = [phase, ready && 'ready', terminating && 'terminating'].filter(Boolean);
  return `${name} (${[template, ...state].join(', ')})`;
}
