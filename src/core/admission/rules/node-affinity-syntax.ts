import type { NodeSelectorRequirement } from '../../../api/pod.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { shown } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';
import { nodeExpressions } from '../node-terms.ts';

const OPERATORS = 'In, NotIn, Exists, DoesNotExist, Gt or Lt';

/**
 * Expressions over labels of nodes that no scheduler could evaluate.
 *
 * Source: upstream `ValidateNodeSelectorRequirement`.
 */
export const nodeAffinitySyntax: DaemonSetRule = {
  id: 'node-affinity-syntax',
  level: 'deny',
  check: ({ object }) => {
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    return spec ? nodeExpressions(spec).flatMap(({ path, requirement }) => problems(path, requirement)) : [];
  },
};

function problems(
  path: string,
  { operator, values = [] }: { readonly operator: string } & Pick<NodeSelectorRequirement, 'values'>,
): readonly Problem[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [{ path: `${path}.values`, message: `is empty; ${operator} needs at least one value` }];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [{ path: `${path}.values`, message: `must be left out: ${operator} takes no values` }];
    case 'Gt':
    case 'Lt':
      return values.length === 1
        ? []
        : [{ path: `${path}.values`, message: `must be one number for ${operator}` }];
    default:
      return [{ path: `${path}.operator`, message: `is ${shown(operator)}; set it to ${OPERATORS}` }];
  }
}
