import { fateOfNodeKey, REPLACED_NODE_KEYS } from '../../deprecations/node-keys.ts';
import { MATCHES_ABSENT, type NodeRequirement, nodeExpressions, nodeKeys } from '../node-terms.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';

/** What stands beside its successor, so that it serves clusters of both kinds, is left alone. */
export const deprecatedNodeLabels: DaemonSetRule = {
  id: 'deprecated-node-labels',
  level: 'off',
  check: ({ object }) => {
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    if (!spec) return [];
    const tolerated = new Set((spec.tolerations ?? []).map(({ key }) => key ?? ''));
    const taints = (spec.tolerations ?? []).flatMap(({ key = '' }, at) =>
      tolerated.has(REPLACED_NODE_KEYS.get(key) ?? '')
        ? []
        : [{ path: `spec.template.spec.tolerations[${at}].key`, key }],
    );
    const paired = pairedPaths(nodeExpressions(spec));
    const labels = nodeKeys(spec).filter(({ path }) => !paired.has(path));
    return [...labels, ...taints].flatMap(({ path, key }) => {
      const successor = REPLACED_NODE_KEYS.get(key);
      if (successor === undefined) return [];
      return [{ path, message: `is ${key}, ${fateOfNodeKey(key)}; use ${successor}` }];
    });
  },
};

/**
 * Keys beside their successors: what a node must have, in another term, since terms are alternatives; what it must
 * not have, in the same one.
 */
function pairedPaths(expressions: readonly NodeRequirement[]): ReadonlySet<string> {
  const paired = expressions.filter(({ term, requirement: { key, operator } }) =>
    expressions.some(
      (other) =>
        other.requirement.key === REPLACED_NODE_KEYS.get(key) &&
        (other.term === term) === MATCHES_ABSENT.has(operator),
    ),
  );
  return new Set(paired.map(({ path }) => `${path}.key`));
}
