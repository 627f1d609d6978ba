import { NODE_ANNOTATION, NODE_NAME_FIELD } from '../../api/keys.ts';
import type { NodeSelector, NodeSelectorTerm, PodSpec } from '../../api/pod.ts';
import { isSubdomain } from '../scheduling/label-syntax.ts';
import { listNames } from './list-names.ts';
import { type Read, shown } from './untrusted.ts';
import type { Problem } from './verdict.ts';

export const POD_NAMES_NO_NODE = 'pod-names-no-node';
export const POD_NAMES_TWO_NODES = 'pod-names-two-nodes';
export const POD_NOT_PINNED = 'pod-not-pinned';

export type NodeChoice =
  | { readonly node: string }
  | { readonly node?: never; readonly rule: string; readonly problem: Problem };

export const REQUIRED_PATH = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution';
const ANNOTATION_PATH = `metadata.annotations[${NODE_ANNOTATION}]`;
const LISTED = 5;

/**
 * The one node a daemon Pod is meant for: spec.nodeName, else the one that its required affinity names, else
 * the annotation's; the annotation may also choose among several that the affinity names. A source that
 * contradicts another is a problem, and so is a Pod that names no node.
 */
export function chooseNode(spec: PodSpec, annotation: Read<string>): NodeChoice {
  const named = namedByAffinity(requiredNodeAffinity(spec));
  const wanted = typeof annotation === 'string' ? annotation : '';
  const bound = spec.nodeName || (named.length === 1 ? named[0] : undefined);
  const node = bound ?? wanted;
  if (node === '') return named.length > 1 ? severalNodes(named) : noNode();
  if (named.length > 0 && !named.includes(node)) return contradiction(spec, named, node);
  if (bound === undefined) return isSubdomain(node) ? { node } : notANodeName(node);
  if (wanted === '' || wanted === bound) return { node };
  const source = spec.nodeName ? 'spec.nodeName' : REQUIRED_PATH;
  return twoNodes(ANNOTATION_PATH, `names node ${shown(wanted)}, but ${source} names ${shown(bound)}`);
}

/** The terms that bind a Pod to its node. */
export function requiredNodeAffinity(spec: PodSpec): NodeSelector | undefined {
  return spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
}

/** Whether the required affinity lets the Pod run on this node only. */
export function isPinnedTo(required: NodeSelector | null | undefined, node: string): boolean {
  const terms = required?.nodeSelectorTerms ?? [];
  return terms.length > 0 && terms.every((term) => termPinsTo(term, node));
}

function termPinsTo(term: NodeSelectorTerm, node: string): boolean {
  const fields = fieldNames(term);
  return fields.some((names) => names.length === 1) && fields.every((names) => names.includes(node));
}

/** Every node that a `metadata.name In …` of any term names, once each. */
function namedByAffinity(required: NodeSelector | null | undefined): readonly string[] {
  return [...new Set((required?.nodeSelectorTerms ?? []).flatMap((term) => fieldNames(term).flat()))];
}

function fieldNames(term: NodeSelectorTerm): readonly (readonly string[])[] {
  return (term.matchFields ?? [])
    .filter(({ key, operator }) => key === NODE_NAME_FIELD && operator === 'In')
    .map(({ values }) => values ?? []);
}

function noNode(): NodeChoice {
  return {
    rule: POD_NAMES_NO_NODE,
    problem: {
      path: REQUIRED_PATH,
      message:
        'names no node, and a Pod that a DaemonSet controls belongs to exactly one: without it every node would ' +
        `do, and two pods may land on one. Set spec.nodeName, or a term with matchFields ${NODE_NAME_FIELD} In ` +
        `[<node>], or the annotation ${NODE_ANNOTATION}; a Pod that no DaemonSet makes must not name one as its ` +
        'controller',
    },
  };
}

function severalNodes(named: readonly string[]): NodeChoice {
  return {
    rule: POD_NAMES_NO_NODE,
    problem: {
      path: REQUIRED_PATH,
      message:
        `names ${named.length} nodes (${list(named)}), and a Pod that a DaemonSet controls belongs to exactly one. ` +
        `Name one, or choose among them with the annotation ${NODE_ANNOTATION}`,
    },
  };
}

function contradiction(spec: PodSpec, named: readonly string[], node: string): NodeChoice {
  return spec.nodeName
    ? twoNodes(
        'spec.nodeName',
        `is ${shown(node)}, but ${REQUIRED_PATH} names ${list(named)}: the kubelet would refuse the Pod`,
      )
    : twoNodes(ANNOTATION_PATH, `names node ${shown(node)}, but ${REQUIRED_PATH} names ${list(named)}`);
}

function twoNodes(path: string, message: string): NodeChoice {
  const remedy = 'Remove one of the two, or make both name the node that the Pod is for';
  return { rule: POD_NAMES_TWO_NODES, problem: { path, message: `${message}. ${remedy}` } };
}

function notANodeName(node: string): NodeChoice {
  return {
    rule: POD_NAMES_NO_NODE,
    problem: {
      path: ANNOTATION_PATH,
      message: `is ${shown(node)}, which no Node can be called; set it to the metadata.name of one Node`,
    },
  };
}

function list(names: readonly string[]): string {
  return listNames(names.map(shown), LISTED);
}
