import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import { describeChange } from './change.ts';
import type { Explanation, NodeAnswer } from './explain-nodes.ts';
import { groupNodes, type NodeGroup } from './group-nodes.ts';
import { describeObstacle } from './obstacle.ts';
import { type Turn, turns } from './turn.ts';

/** What would turn an answer, as a person would type or write it; all of `steps` are needed. */
export type Remedy = { readonly steps: readonly string[]; readonly note?: string };

export type ExplainedNode = Omit<NodeAnswer, 'obstacles'> & {
  /** All that is in the way, a sentence each; the first one decided. */
  readonly obstacles: readonly string[];
  readonly toTurnIt: readonly Remedy[];
};
export type ExplainedGroup = Omit<NodeGroup, 'turns'> & { readonly toTurnIt: readonly Remedy[] };

/** The shape of `explain DAEMONSET -o json` and `-o yaml`; without a name, a list of them. */
export type Explained = Omit<Explanation, 'nodes' | 'podSpec' | 'served' | 'misscheduled'> & {
  /** Absent, as is `misscheduled`, where pods or revisions could not be read: then nothing is said of pods. */
  readonly served?: number;
  readonly misscheduled?: number;
  /** `namespace/name`. */
  readonly daemonSet: string;
  readonly groups: readonly ExplainedGroup[];
  readonly nodes: readonly ExplainedNode[];
};

/** The answers as they are reported. */
export function explained(
  { metadata }: DaemonSet,
  explanation: Explanation,
  records: readonly NodeRecord[],
): Explained {
  const { podSpec: spec, nodes, ...counts } = explanation;
  const byName = new Map(records.map((record) => [record.name, record]));
  const turnsOf = new Map(
    nodes.map((answer) => {
      const node = byName.get(answer.node);
      return [answer.node, node ? turns({ spec, node }, metadata.name) : []];
    }),
  );
  const groups = groupNodes(nodes, turnsOf);
  return {
    daemonSet: `${metadata.namespace}/${metadata.name}`,
    ...counts,
    groups: groups.map(({ turns: found, ...group }) => ({
      ...group,
      toTurnIt: found.map((turn) => remedy(turn, group.nodes.length === 1 ? (group.nodes[0] ?? '') : 'NODE')),
    })),
    nodes: nodes.map((answer) => ({
      ...answer,
      obstacles: answer.obstacles.map((obstacle) => describeObstacle(obstacle)),
      toTurnIt: (turnsOf.get(answer.node) ?? []).map((turn) => remedy(turn, answer.node)),
    })),
  };
}

/** What is left to say where the pods are not known: whether they belong there. */
export function withoutPods(answer: Explained): Explained {
  const { served: _, misscheduled: _misscheduled, revision: _revision, ...rest } = answer;
  return {
    ...rest,
    groups: answer.groups.map((group) => ({ ...group, pods: UNKNOWN_PODS })),
    nodes: answer.nodes.map((node) => ({ ...node, waitsFor: '' })),
  };
}

export const UNKNOWN_PODS = 'unknown';

function remedy({ changes, note }: Turn, node: string): Remedy {
  return {
    steps: changes.map((change) => describeChange(change, node)),
    ...(note !== undefined && { note }),
  };
}
