import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../../api/pod.ts';

/** A key by which a template chooses nodes, and where it stands. */
export type NodeKey = { readonly path: string; readonly key: string };

const SPEC = 'spec.template.spec';
const AFFINITY = `${SPEC}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;

/** The labels by which it chooses nodes, in `nodeSelector` and required affinity. */
export function nodeKeys(spec: PodSpec): readonly NodeKey[] {
  return [
    ...Object.keys(spec.nodeSelector ?? {}).map((key) => ({ path: `${SPEC}.nodeSelector[${key}]`, key })),
    ...nodeExpressions(spec).map(({ path, requirement }) => ({ path: `${path}.key`, key: requirement.key })),
  ];
}

/** The expressions over labels in its required affinity. */
export function nodeExpressions(
  spec: PodSpec,
): readonly { readonly path: string; readonly requirement: NodeSelectorRequirement }[] {
  const terms: readonly NodeSelectorTerm[] =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchExpressions = [] }, term) =>
    matchExpressions.map((requirement, at) => ({
      path: `${AFFINITY}[${term}].matchExpressions[${at}]`,
      requirement,
    })),
  );
}
