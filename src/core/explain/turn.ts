import type { Taint } from '../../api/node.ts';
import { compileEligibility } from '../scheduling/eligibility.ts';
import { applyChange, type Change, type Encounter } from './change.ts';
import { type Obstacle, obstacles, type UnmetRequirement, type UnmetTerm } from './obstacle.ts';

/** The changes, all of them needed, that turn a node's answer. */
export type Turn = {
  readonly changes: readonly Change[];
  /** What else they do, or why they may not last. */
  readonly note?: string;
};

/**
 * The smallest ways to turn the answer about a node: the best one first, and behind it the best that changes the
 * other side, node or template, where there is one. Each is tried before it is given. Changes that would not last
 * (labels and taints that Kubernetes itself keeps) come after those that do.
 */
export function turns(encounter: Encounter, daemonSet: string): readonly Turn[] {
  const blocked = obstacles(encounter.spec, encounter.node);
  const wanted = blocked.length > 0;
  const candidates = wanted ? admitting(blocked) : repelling(encounter, daemonSet).map((change) => [change]);
  const turned = (changes: readonly Change[]): boolean =>
    shouldRun(changes.reduce(applyChange, encounter)) === wanted;
  const works = candidates
    .filter(turned)
    .map((changes) => withoutNeedless(changes, turned))
    .toSorted((a, b) => cost(a) - cost(b));
  const [best] = works;
  if (!best) return [];
  const side = best[0]?.on;
  const other = works.find((changes) => changes.every(({ on }) => on !== side));
  return [best, ...(other ? [other] : [])].map(asTurn);
}

/** One change may clear two things out of the way. */
function withoutNeedless(
  changes: readonly Change[],
  turned: (changes: readonly Change[]) => boolean,
): readonly Change[] {
  return changes.reduce((needed, change) => {
    const fewer = needed.filter((other) => other !== change);
    return turned(fewer) ? fewer : needed;
  }, changes);
}

function shouldRun({ spec, node }: Encounter): boolean {
  return compileEligibility(spec)(node).shouldRun;
}

/** Ways around every obstacle: by the node alone, by the template alone, and by the cheaper of both for each. */
function admitting(blocked: readonly Obstacle[]): readonly (readonly Change[])[] {
  const ways = blocked.map((obstacle) => waysAround(obstacle));
  const of = (keep: (changes: readonly Change[]) => boolean): readonly (readonly Change[])[] => {
    const picks = ways.map((options) => cheapest(options.filter(keep)));
    return picks.every((pick) => pick !== undefined) ? [picks.flat()] : [];
  };
  return [
    ...of(() => true),
    ...of((changes) => changes.every(({ on }) => on === 'node')),
    ...of((changes) => changes.every(({ on }) => on === 'template')),
    // Whatever contradicts itself, such as a label that one part asks for and another forbids.
    ways.map((options) => options.at(-1) ?? []).flat(),
  ];
}

function cheapest(options: readonly (readonly Change[])[]): readonly Change[] | undefined {
  return options.toSorted((a, b) => cost(a) - cost(b))[0];
}

/** Each way is a list of changes; the last one changes the template and always works. */
function waysAround(obstacle: Obstacle): readonly (readonly Change[])[] {
  switch (obstacle.kind) {
    case 'nodeName':
      return [[{ on: 'template', kind: 'removeNodeName' }]];
    case 'nodeSelector':
      return [
        [{ on: 'node', kind: 'setLabel', key: obstacle.key, value: obstacle.wanted }],
        [{ on: 'template', kind: 'removeNodeSelector', key: obstacle.key }],
      ];
    case 'nodeAffinity':
      return [
        ...obstacle.terms.flatMap((term) => waysInto(term)),
        [{ on: 'template', kind: 'removeNodeAffinity' }],
      ];
    case 'taint':
      return [
        [{ on: 'node', kind: 'removeTaint', taint: obstacle.taint }],
        [{ on: 'template', kind: 'tolerate', toleration: tolerationOf(obstacle.taint) }],
      ];
  }
}

function waysInto({ index: term, unmet }: UnmetTerm): readonly (readonly Change[])[] {
  if (unmet.length === 0) return [];
  const onNode = unmet.map(nodeChangeFor);
  const onTemplate = unmet
    // From the end, so that the places of the others stay what they are.
    .toSorted((a, b) => b.index - a.index)
    .map(({ field, index }): Change => ({ on: 'template', kind: 'removeRequirement', term, field, index }));
  return [...(onNode.every((change) => change !== undefined) ? [onNode] : []), onTemplate];
}

/** What makes a node meet the requirement; undefined where nothing does. */
function nodeChangeFor({ field, requirement, malformed }: UnmetRequirement): Change | undefined {
  if (field === 'matchFields' || malformed) return undefined;
  const { key, operator, values = [] } = requirement;
  const set = (value: string): Change => ({ on: 'node', kind: 'setLabel', key, value });
  switch (operator) {
    case 'In':
      return set(values[0] ?? '');
    case 'Exists':
      return set('true');
    case 'Gt':
      return set(String(BigInt(values[0] ?? 0) + 1n));
    case 'Lt':
      return set(String(BigInt(values[0] ?? 0) - 1n));
    default:
      return { on: 'node', kind: 'removeLabel', key };
  }
}

function tolerationOf({ key, value, effect }: Taint): {
  key: string;
  operator: string;
  value?: string;
  effect: string;
} {
  return value ? { key, operator: 'Equal', value, effect } : { key, operator: 'Exists', effect };
}

/** Ways to keep the pod from a node where it runs, one of which works: a node can be excluded by its name. */
function repelling({ spec, node }: Encounter, daemonSet: string): readonly Change[] {
  const taint: Taint = { key: 'keep-off', value: daemonSet.slice(0, 63), effect: 'NoExecute' };
  return [
    ...Object.keys(spec.nodeSelector ?? {}).map((key): Change => ({ on: 'node', kind: 'removeLabel', key })),
    { on: 'node', kind: 'addTaint', taint },
    { on: 'template', kind: 'excludeNode', node: node.name },
  ];
}

/** Namespaces of labels and taints that Kubernetes, a cloud or the kubelet itself keeps as they are. */
const KEPT = /^(?:node\.|topology\.|beta\.|node\.cloudprovider\.|failure-domain\.beta\.)?kubernetes\.io\//;

function isKept(change: Change): boolean {
  if (change.kind === 'removeTaint') return KEPT.test(change.taint.key);
  return (change.kind === 'setLabel' || change.kind === 'removeLabel') && KEPT.test(change.key);
}

/**
 * Every change counts. One of the template counts a little more, for it rolls out; one that does more than it is
 * meant for counts more, and one that would not last most.
 */
function cost(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + costOf(change), 0);
}

function costOf(change: Change): number {
  if (isKept(change)) return 40;
  if (change.kind === 'removeNodeAffinity') return 30;
  if (change.kind === 'addTaint') return 15;
  return change.on === 'node' ? 10 : 11;
}

function asTurn(changes: readonly Change[]): Turn {
  const note = changes.map(noteOn).find((text) => text !== undefined);
  return { changes, ...(note !== undefined && { note }) };
}

function noteOn(change: Change): string | undefined {
  if (change.kind === 'addTaint') return 'this evicts every other pod, too, that does not tolerate it';
  if (!isKept(change)) return undefined;
  return change.kind === 'removeTaint'
    ? 'Kubernetes sets this taint, and takes it away by itself once its cause is gone'
    : 'Kubernetes sets this label, and may set it back';
}
