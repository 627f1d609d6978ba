import type { NodeRecord } from '../../api/node.ts';
import type { PodSpec } from '../../api/pod.ts';
import type { Explanation, NodeAnswer } from './explain-nodes.ts';
import { describeObstacle } from './obstacle.ts';
import { type Turn, turns } from './turn.ts';

/** Nodes about which the same can be said. */
export type NodeGroup = {
  readonly eligible: boolean;
  readonly mayKeep: boolean;
  readonly reason: string;
  /** State and revision of the pods there, and what they wait for, such as `Available, revision 2`. */
  readonly pods: string;
  readonly nodes: readonly string[];
  /** What would turn the answer about the first of them. */
  readonly turns: readonly Turn[];
};

/** The nodes by what is said of them: not eligible ones last, bigger groups first. */
export function groupNodes(
  { nodes, podSpec }: Explanation,
  records: ReadonlyMap<string, NodeRecord>,
  daemonSet: string,
): readonly NodeGroup[] {
  const groups = new Map<string, NodeAnswer[]>();
  for (const answer of nodes) {
    const key = JSON.stringify([answer.eligible, answer.mayKeep, commonReason(answer), summaryOf(answer)]);
    const group = groups.get(key);
    if (group) group.push(answer);
    else groups.set(key, [answer]);
  }
  return [...groups.values()]
    .map((answers) => asGroup(answers, records, podSpec, daemonSet))
    .toSorted((a, b) => Number(b.eligible) - Number(a.eligible) || b.nodes.length - a.nodes.length);
}

function asGroup(
  answers: readonly NodeAnswer[],
  records: ReadonlyMap<string, NodeRecord>,
  spec: PodSpec,
  daemonSet: string,
): NodeGroup {
  const [first] = answers as readonly [NodeAnswer];
  const node = records.get(first.node);
  return {
    eligible: first.eligible,
    mayKeep: first.mayKeep,
    reason: answers.length === 1 ? first.reason : commonReason(first),
    pods: summaryOf(first),
    nodes: answers.map((answer) => answer.node),
    // To keep a pod away from where it runs is seldom asked for, and then of one node.
    turns: node && !first.eligible ? turns({ spec, node }, daemonSet) : [],
  };
}

/** The reason without what this one node has instead, which may be different on each. */
function commonReason({ obstacles: [decisive] }: NodeAnswer): string {
  return decisive ? describeObstacle(decisive, 'any node') : '';
}

/** What is said of a node's pods in a few words; the same for nodes that are alike. */
export function summaryOf({ pods, waitsFor }: NodeAnswer): string {
  const each = pods.map(({ state, revision, current, note }) =>
    [state, ...(current ? [] : [`revision ${revision ?? 'unknown'} (old)`]), note].filter(Boolean).join(', '),
  );
  return [...each, ...(waitsFor ? [`none: waits for ${waitsFor}`] : [])].join('; ') || 'none';
}
