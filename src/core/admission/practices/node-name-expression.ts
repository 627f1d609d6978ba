import { NODE_NAME_FIELD } from '../../../api/keys.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { MATCHES_ABSENT, nodeExpressions } from '../node-terms.ts';

/** `metadata.name` is a field of nodes and no label of theirs: as an expression it matches none, or all. */
export const nodeNameExpression: DaemonSetRule = {
  id: 'node-name-expression',
  level: 'off',
  check: ({ object }) => {
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    if (!spec) return [];
    return nodeExpressions(spec)
      .filter(({ requirement: { key } }) => key === NODE_NAME_FIELD)
      .map(({ path, requirement: { operator } }) => {
        const effect = MATCHES_ABSENT.has(operator) ? 'excludes no node' : 'matches no node';
        return {
          path: `${path}.key`,
          message:
            `is ${NODE_NAME_FIELD}, which is no label, so the requirement ${effect}. Put it under matchFields, or use the ` +
            'label kubernetes.io/hostname',
          brief: `is ${NODE_NAME_FIELD}, which is no label: it ${effect}`,
        };
      });
  },
};
