import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../../api/pod.ts';

/** A key by which a template chooses nodes, and where it stands. */
export type NodeKey = { readonly path: string; readonly key: string };

const SPEC = 'spec.template.spec';
/** The path of the terms of required affinity. */
export const NODE_TERMS = `${SPEC}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;

/** The labels by which it chooses nodes, in `nodeSelector` and required affinity. */
export function nodeKeys(spec: PodSpec): readonly NodeKey[] {
  return [
    ...Object.keys(spec.nodeSelector ?? {}).map((key) => ({ path: `${SPEC}.nodeSelector[${key}]`, key })),
    ...nodeExpressions(spec).map(({ path, requirement }) => ({ path: `${path}.key`, key: requirement.key })),
  ];
}

/** Operators that hold for a node without the label. */
export const MATCHES_ABSENT: ReadonlySet<string> = new Set(['NotIn', 'DoesNotExist']);

/** A requirement of its required affinity, and where it stands. */
export type NodeRequirement = {
  readonly path: string;
  /** Of the term that holds it. */
  readonly term: number;
  readonly requirement: NodeSelectorRequirement;
};

/** The expressions over labels in its required affinity. */
export function nodeExpressions(spec: PodSpec): readonly NodeRequirement[] {
  return requirements(spec, 'matchExpressions');
}

/** The expressions over fields of nodes in its required affinity. */
export function nodeFields(spec: PodSpec): readonly NodeRequirement[] {
  return requirements(spec, 'matchFields');
}

function requirements(spec: PodSpec, list: 'matchExpressions' | 'matchFields'): readonly NodeRequirement[] {
  const terms: readonly NodeSelectorTerm[] =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap((each, term) =>
    (each[list] ?? []).map((requirement, at) => ({
      path: `${NODE_TERMS}[${term}].${list}[${at}]`,
      term,
      requirement,
    })),
  );
}
