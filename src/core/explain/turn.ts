import type { Taint } from '../../api/node.ts';
import type { NodeSelectorRequirement, PodSpec } from '../../api/pod.ts';
import { compileEligibility } from '../scheduling/eligibility.ts';
import { isLabelValue } from '../scheduling/label-syntax.ts';
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
  const candidates = wanted
    ? admitting(blocked, encounter.spec)
    : repelling(encounter, daemonSet).map((change) => [change]);
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

/**
 * Ways around every obstacle: by the node alone, by the template alone, and by the cheaper of both for each. Of the
 * node affinity every way is tried, for the cheapest one may not work: a term that asks for nothing matches nothing.
 */
function admitting(blocked: readonly Obstacle[], spec: PodSpec): readonly (readonly Change[])[] {
  const ways = blocked.map((obstacle) => waysAround(obstacle, spec));
  const affinityAt = blocked.findIndex(({ kind }) => kind === 'nodeAffinity');
  const intoAffinity = ways[affinityAt] ?? [[]];
  const of = (keep: (changes: readonly Change[]) => boolean): readonly (readonly Change[])[] => {
    const picks = ways
      .toSpliced(affinityAt, affinityAt < 0 ? 0 : 1)
      .map((options) => cheapest(options.filter(keep)));
    if (!picks.every((pick) => pick !== undefined)) return [];
    return intoAffinity.filter(keep).map((way) => [...way, ...picks.flat()]);
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
function waysAround(obstacle: Obstacle, spec: PodSpec): readonly (readonly Change[])[] {
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
        ...obstacle.terms.flatMap((term) => waysInto(term, spec)),
        [{ on: 'template', kind: 'removeNodeAffinity' }],
      ];
    case 'taint':
      return [
        [{ on: 'node', kind: 'removeTaint', taint: obstacle.taint }],
        [{ on: 'template', kind: 'tolerate', toleration: tolerationOf(obstacle.taint) }],
      ];
  }
}

function waysInto({ index: term, unmet }: UnmetTerm, spec: PodSpec): readonly (readonly Change[])[] {
  if (unmet.length === 0) return [];
  const onNode = unmet.map((requirement) => nodeChangeFor(requirement, spec));
  const onTemplate = unmet
    // From the end, so that the places of the others stay what they are.
    .toSorted((a, b) => b.index - a.index)
    .map(({ field, index }): Change => ({ on: 'template', kind: 'removeRequirement', term, field, index }));
  return [...(onNode.every((change) => change !== undefined) ? [onNode] : []), onTemplate];
}

/** What makes a node meet the requirement; undefined where nothing does. */
function nodeChangeFor(
  { field, requirement, malformed }: UnmetRequirement,
  { nodeSelector = {} }: PodSpec,
): Change | undefined {
  if (field === 'matchFields' || malformed) return undefined;
  const { key } = requirement;
  const meeting = valueMeeting(requirement);
  if (meeting === undefined) return { on: 'node', kind: 'removeLabel', key };
  // The node selector leaves no choice; whether its value meets this as well shows when it is tried.
  const value = nodeSelector[key] ?? meeting;
  return isLabelValue(value) ? { on: 'node', kind: 'setLabel', key, value } : undefined;
}

/** A label's value that meets the requirement; undefined where the label must not be there, or not be that. */
function valueMeeting({ operator, values: [value] = [] }: NodeSelectorRequirement): string | undefined {
  switch (operator) {
    case 'In':
      return value;
    case 'Exists':
      return 'true';
    case 'Gt':
      return String(BigInt(value ?? 0) + 1n);
    case 'Lt':
      return String(BigInt(value ?? 0) - 1n);
    default:
      return undefined;
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
  const value = daemonSet.slice(0, 63).replace(/[^a-z0-9]+$/, '');
  const taint: Taint = { key: 'keep-off', value, effect: 'NoExecute' };
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return [
    ...Object.keys(spec.nodeSelector ?? {}).map((key): Change => ({ on: 'node', kind: 'removeLabel', key })),
    { on: 'node', kind: 'addTaint', taint },
    { on: 'template', kind: 'excludeNode', node: node.name, hasTerms: required !== undefined },
  ];
}

/** Namespaces of labels and taints that Kubernetes, a cloud or the kubelet itself keeps as they are. */
const KEPT = /^(?:node\.|topology\.|beta\.|node\.cloudprovider\.|failure-domain\.beta\.)?kubernetes\.io\//;

/** The one taint of theirs that a person sets, of a node that is off for good, and that a person takes away. */
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

function isKept(change: Change): boolean {
  if (change.kind === 'removeTaint')
    return KEPT.test(change.taint.key) && change.taint.key !== OUT_OF_SERVICE;
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
