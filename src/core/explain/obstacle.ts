import type { NodeRecord, Taint } from '../../api/node.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../../api/pod.ts';
import { NODE_NAME_FIELD } from '../../api/keys.ts';
import { addDaemonTolerations } from '../placement/daemon-tolerations.ts';
import { describeReason, type IneligibleReason } from '../scheduling/eligibility.ts';
import { compileNodeSelector, type TermRequirement, termRequirements } from '../scheduling/node-affinity.ts';
import { untoleratedTaint } from '../scheduling/taints.ts';

/** A requirement of node affinity that a node does not meet. */
export type UnmetRequirement = Pick<TermRequirement, 'field' | 'index' | 'requirement'> & {
  /** What the node has there; absent where it has nothing. */
  readonly actual?: string;
  /** True where no node can meet it: the requirement itself is wrong. */
  readonly malformed: boolean;
};

/** One alternative of the required node affinity, and what of it a node does not meet. */
export type UnmetTerm = {
  /** Its place in `nodeSelectorTerms`. */
  readonly index: number;
  /** Empty for a term that asks for nothing, and so matches no node. */
  readonly unmet: readonly UnmetRequirement[];
};

/** One thing that keeps a DaemonSet's pod from a node. */
export type Obstacle =
  | Exclude<IneligibleReason, { kind: 'nodeAffinity' }>
  /** The terms in the order in which the node comes near to them. */
  | { readonly kind: 'nodeAffinity'; readonly terms: readonly UnmetTerm[] };

/**
 * All that keeps the pod from the node, in the order in which `compileEligibility` looks at it: the first one is
 * what it names as the reason. Empty exactly when the node is eligible.
 */
export function obstacles(spec: PodSpec, node: NodeRecord): readonly Obstacle[] {
  return [
    ...nodeNameObstacle(spec, node),
    ...nodeSelectorObstacles(spec, node),
    ...affinityObstacle(spec, node),
    ...taintObstacles(spec, node),
  ];
}

function nodeNameObstacle({ nodeName }: PodSpec, node: NodeRecord): readonly Obstacle[] {
  return nodeName && nodeName !== node.name ? [{ kind: 'nodeName', wanted: nodeName }] : [];
}

function nodeSelectorObstacles({ nodeSelector = {} }: PodSpec, node: NodeRecord): readonly Obstacle[] {
  return Object.entries(nodeSelector).flatMap(([key, wanted]): readonly Obstacle[] => {
    const actual = labelOf(node, key);
    return actual === wanted ? [] : [{ kind: 'nodeSelector', key, wanted, actual }];
  });
}

function affinityObstacle({ affinity }: PodSpec, node: NodeRecord): readonly Obstacle[] {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required || compileNodeSelector(required)(node)) return [];
  const terms = (required.nodeSelectorTerms ?? []).map((term, index) => ({
    index,
    unmet: unmetRequirements(term, node),
  }));
  return [{ kind: 'nodeAffinity', terms: terms.toSorted((a, b) => distance(a) - distance(b)) }];
}

/** How far a node is from a term; one that no node can meet is the farthest. */
function distance({ unmet }: UnmetTerm): number {
  return unmet.length === 0 || unmet.some(({ malformed }) => malformed) ? Infinity : unmet.length;
}

function unmetRequirements(term: NodeSelectorTerm, node: NodeRecord): readonly UnmetRequirement[] {
  return termRequirements(term).flatMap(({ field, index, requirement, matches }) => {
    if (matches?.(node)) return [];
    const actual = field === 'matchFields' ? fieldOf(node, requirement.key) : labelOf(node, requirement.key);
    return [
      {
        field,
        index,
        requirement,
        ...(actual !== undefined && { actual }),
        malformed: matches === undefined,
      },
    ];
  });
}

function taintObstacles(spec: PodSpec, node: NodeRecord): readonly Obstacle[] {
  const tolerations = addDaemonTolerations(spec);
  const repelled = (effect: 'NoExecute' | 'NoSchedule'): readonly Taint[] =>
    node.taints.filter((taint) => untoleratedTaint([taint], tolerations, [effect]) !== undefined);
  return [...repelled('NoExecute'), ...repelled('NoSchedule')].map((taint) => ({ kind: 'taint', taint }));
}

function labelOf(node: NodeRecord, key: string): string | undefined {
  return Object.hasOwn(node.labels, key) ? node.labels[key] : undefined;
}

function fieldOf(node: NodeRecord, key: string): string | undefined {
  return key === NODE_NAME_FIELD ? node.name : undefined;
}

/**
 * The obstacle as a sentence about the node, such as `lacks the label gpu=yes that spec.nodeSelector asks for`.
 *
 * @param about `any node`: what the node has instead is left out, so that the sentence holds for others as well.
 */
export function describeObstacle(obstacle: Obstacle, about: 'this node' | 'any node' = 'this node'): string {
  const withActual = about === 'this node';
  if (obstacle.kind === 'nodeSelector') {
    return describeReason(withActual ? obstacle : { ...obstacle, actual: undefined });
  }
  if (obstacle.kind !== 'nodeAffinity') return describeReason(obstacle);
  const [nearest] = obstacle.terms;
  const sentence = describeReason({ kind: 'nodeAffinity' });
  if (!nearest) return `${sentence}: there is none`;
  const which = obstacle.terms.length === 1 ? 'the only one' : `the nearest, term ${nearest.index + 1},`;
  const wants =
    nearest.unmet.length === 0
      ? 'is empty, and an empty term matches nothing'
      : `asks for ${nearest.unmet.map((unmet) => describeUnmet(unmet, withActual)).join(' and ')}`;
  return `${sentence}: ${which} ${wants}`;
}

function describeUnmet({ requirement, actual, malformed }: UnmetRequirement, withActual: boolean): string {
  const wanted = formatRequirement(requirement);
  if (malformed) return `${wanted}, which is malformed and matches no node`;
  if (!withActual) return wanted;
  return actual === undefined
    ? `${wanted} (the node has no such label)`
    : `${wanted} (the node has ${actual})`;
}

/** Such as `zone in (a, b)`, `gpu to exist` or `cores > 8`. */
function formatRequirement({ key, operator, values = [] }: NodeSelectorRequirement): string {
  const list = `(${values.join(', ')})`;
  switch (operator) {
    case 'In':
      return `${key} in ${list}`;
    case 'NotIn':
      return `${key} not in ${list}`;
    case 'Exists':
      return `${key} to exist`;
    case 'DoesNotExist':
      return `no ${key}`;
    case 'Gt':
      return `${key} > ${values.join(', ')}`;
    case 'Lt':
      return `${key} < ${values.join(', ')}`;
    default:
      return `${key} ${operator} ${list}`;
  }
}
