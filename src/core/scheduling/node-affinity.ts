import type { NodeRecord } from '../../api/node.ts';
import type { StringMap } from '../../api/meta.ts';
import { NODE_NAME_FIELD } from '../../api/keys.ts';
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from '../../api/pod.ts';

type Matcher = (node: NodeRecord) => boolean;

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const INTEGER = /^[+-]?\d+$/;
const INT64_MAX = 2n ** 63n - 1n;

/**
 * Compiles required node affinity: terms are alternatives, the requirements of one term must all hold. A term
 * that is empty or malformed matches no node and leaves the others their chance; so a selector without usable
 * terms matches nothing.
 *
 * Source: `k8s.io/component-helpers/scheduling/corev1/nodeaffinity`.
 */
export function compileNodeSelector(selector: NodeSelector): Matcher {
  const terms = (selector.nodeSelectorTerms ?? []).flatMap((term) => compileTerm(term) ?? []);
  return (node) => terms.some((term) => term(node));
}

/** One requirement of a term, and how a node is held against it. */
export type TermRequirement = {
  readonly field: 'matchExpressions' | 'matchFields';
  /** Its place in that list. */
  readonly index: number;
  readonly requirement: NodeSelectorRequirement;
  /** Undefined for a malformed one, which no node meets and which spoils its whole term. */
  readonly matches: Matcher | undefined;
};

/** What a term asks for, in its order; nothing for an empty term, which matches no node. */
export function termRequirements(term: NodeSelectorTerm): readonly TermRequirement[] {
  return [
    ...(term.matchExpressions ?? []).map((requirement, index) => ({
      field: 'matchExpressions' as const,
      index,
      requirement,
      matches: compileExpression(requirement),
    })),
    ...(term.matchFields ?? []).map((requirement, index) => ({
      field: 'matchFields' as const,
      index,
      requirement,
      matches: compileField(requirement),
    })),
  ];
}

function compileTerm(term: NodeSelectorTerm): Matcher | undefined {
  const all = termRequirements(term);
  if (all.length === 0) return undefined;
  const matchers = all.map(({ matches }) => matches).filter((matches) => matches !== undefined);
  // One malformed requirement spoils its whole term.
  if (matchers.length !== all.length) return undefined;
  return (node) => matchers.every((matches) => matches(node));
}

function compileExpression({ key, operator, values = [] }: NodeSelectorRequirement): Matcher | undefined {
  if (values.some((value) => value.length > 63 || !LABEL_VALUE.test(value))) return undefined;
  switch (operator) {
    case 'In':
      return values.length === 0 ? undefined : (node) => values.includes(label(node.labels, key) ?? '\0');
    case 'NotIn':
      return values.length === 0 ? undefined : (node) => !values.includes(label(node.labels, key) ?? '\0');
    case 'Exists':
      return values.length > 0 ? undefined : (node) => label(node.labels, key) !== undefined;
    case 'DoesNotExist':
      return values.length > 0 ? undefined : (node) => label(node.labels, key) === undefined;
    case 'Gt':
    case 'Lt':
      return compileComparison(key, operator, values);
    default:
      return undefined;
  }
}

function compileComparison(
  key: string,
  operator: 'Gt' | 'Lt',
  values: readonly string[],
): Matcher | undefined {
  const bound = values.length === 1 ? int64(values[0]) : undefined;
  if (bound === undefined) return undefined;
  return (node) => {
    const value = int64(label(node.labels, key));
    return value !== undefined && (operator === 'Gt' ? value > bound : value < bound);
  };
}

function compileField({ key, operator, values = [] }: NodeSelectorRequirement): Matcher | undefined {
  const [wanted] = values;
  if (values.length !== 1 || wanted === undefined) return undefined;
  const field = (node: NodeRecord): string => (key === NODE_NAME_FIELD ? node.name : '');
  switch (operator) {
    case 'In':
      return (node) => field(node) === wanted;
    case 'NotIn':
      return (node) => field(node) !== wanted;
    default:
      return undefined;
  }
}

function label(labels: StringMap, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function int64(text: string | undefined): bigint | undefined {
  if (text === undefined || !INTEGER.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value <= INT64_MAX && value >= -INT64_MAX - 1n ? value : undefined;
}
