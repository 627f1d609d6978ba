import { describeChange } from './change.ts';
import type { NodeAnswer } from './explain-nodes.ts';
import { describeObstacle } from './obstacle.ts';
import type { Turn } from './turn.ts';

/** Nodes about which the same can be said. */
export type NodeGroup = {
  readonly eligible: boolean;
  readonly mayKeep: boolean;
  /** All that is in the way, the first one decided; empty where they are eligible. */
  readonly reason: string;
  /** State and revision of the pods there, and what they wait for, such as `Available, revision 2`. */
  readonly pods: string;
  readonly nodes: readonly string[];
  /** What would turn the answer about each of them. */
  readonly turns: readonly Turn[];
};

/** The nodes by what is said of them: not eligible ones last, bigger groups first. */
export function groupNodes(
  nodes: readonly NodeAnswer[],
  turnsOf: ReadonlyMap<string, readonly Turn[]>,
): readonly NodeGroup[] {
  const groups = new Map<string, NodeAnswer[]>();
  for (const answer of nodes) {
    const found = turnsToAdmit(answer, turnsOf);
    // Nodes that lack the same may take different steps: behind the first obstacle there may be others.
    const steps = found.map(({ changes }) => changes.map((change) => describeChange(change, 'NODE')));
    const key = JSON.stringify([
      answer.eligible,
      answer.mayKeep,
      reasonOf(answer, 'any node'),
      summaryOf(answer),
      steps,
    ]);
    const group = groups.get(key);
    if (group) group.push(answer);
    else groups.set(key, [answer]);
  }
  return [...groups.values()]
    .map((answers) => asGroup(answers, turnsOf))
    .toSorted((a, b) => Number(b.eligible) - Number(a.eligible) || b.nodes.length - a.nodes.length);
}

function asGroup(answers: readonly NodeAnswer[], turnsOf: ReadonlyMap<string, readonly Turn[]>): NodeGroup {
  const [first] = answers as readonly [NodeAnswer];
  return {
    eligible: first.eligible,
    mayKeep: first.mayKeep,
    reason: reasonOf(first, answers.length === 1 ? 'this node' : 'any node'),
    pods: summaryOf(first),
    nodes: answers.map((answer) => answer.node),
    turns: turnsToAdmit(first, turnsOf),
  };
}

/** To keep a pod away from where it runs is seldom asked for, and then of one node. */
function turnsToAdmit(
  { node, eligible }: NodeAnswer,
  turnsOf: ReadonlyMap<string, readonly Turn[]>,
): readonly Turn[] {
  return eligible ? [] : (turnsOf.get(node) ?? []);
}

/** About any node: without what this one has instead, which may be different on each. */
function reasonOf({ obstacles }: NodeAnswer, about: 'this node' | 'any node'): string {
  return obstacles.map((obstacle) => describeObstacle(obstacle, about)).join('; ');
}

/** What is said of a node's pods in a few words; the same for nodes that are alike. */
export function summaryOf({ pods, waitsFor }: NodeAnswer): string {
  const each = pods.map(({ state, revision, current, note }) =>
    [state, ...(current ? [] : [`revision ${revision ?? 'unknown'} (old)`]), note].filter(Boolean).join(', '),
  );
  return [...each, ...(waitsFor ? [`none: waits for ${waitsFor}`] : [])].join('; ') || 'none';
}
