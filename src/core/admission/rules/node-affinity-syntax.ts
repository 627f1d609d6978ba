import { NODE_NAME_FIELD } from '../../../api/keys.ts';
import type { NodeSelectorRequirement, PodSpec } from '../../../api/pod.ts';
import { isLabelKey, isLabelValue, isSubdomain } from '../../scheduling/label-syntax.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { shown } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';
import { NODE_TERMS, nodeExpressions, nodeFields } from '../node-terms.ts';

const OPERATORS = 'In, NotIn, Exists, DoesNotExist, Gt or Lt';

/**
 * Requirements on nodes that the API server refuses.
 *
 * Source: upstream `ValidateNodeSelector`, `ValidateNodeSelectorRequirement`, `ValidateNodeFieldSelectorRequirement`.
 */
export const nodeAffinitySyntax: DaemonSetRule = {
  id: 'node-affinity-syntax',
  level: 'deny',
  check: ({ object }) => {
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    if (!spec) return [];
    return [
      ...termProblems(spec),
      ...nodeExpressions(spec).flatMap(({ path, requirement }) => [
        ...labelProblems(path, requirement),
        ...problems(path, requirement),
      ]),
      ...nodeFields(spec).flatMap(({ path, requirement }) => fieldProblems(path, requirement)),
    ];
  },
};

function termProblems({ affinity }: PodSpec): readonly Problem[] {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required || (required.nodeSelectorTerms ?? []).length > 0) return [];
  return [{ path: NODE_TERMS, message: 'is empty; give at least one term, or remove the affinity' }];
}

function labelProblems(
  path: string,
  { key, values = [] }: { readonly key?: string } & Pick<NodeSelectorRequirement, 'values'>,
): readonly Problem[] {
  const badKey = isLabelKey(key ?? '')
    ? []
    : [{ path: `${path}.key`, message: `is ${shown(key ?? '')}, which is no key of a label` }];
  const badValues = values.flatMap((value, at): readonly Problem[] =>
    isLabelValue(value)
      ? []
      : [
          {
            path: `${path}.values[${at}]`,
            message: `is ${shown(value)}, which no label can have as its value`,
            // API servers of older versions take it.
            atMost: 'warn',
          },
        ],
  );
  return [...badKey, ...badValues];
}

function fieldProblems(path: string, requirement: Partial<NodeSelectorRequirement>): readonly Problem[] {
  const { key = '', operator = '', values = [] } = requirement;
  const found: Problem[] = [];
  if (key !== NODE_NAME_FIELD)
    found.push({
      path: `${path}.key`,
      message: `is ${shown(key)}; nodes have no other field than ${NODE_NAME_FIELD}`,
    });
  if (operator !== 'In' && operator !== 'NotIn')
    found.push({
      path: `${path}.operator`,
      message: `is ${shown(operator)}; for a field set it to In or NotIn`,
    });
  else if (values.length !== 1)
    found.push({
      path: `${path}.values`,
      message: `must be one name; write several as several ${operator === 'In' ? 'terms' : 'entries of matchFields'}`,
    });
  else if (!isSubdomain(values[0] ?? ''))
    found.push({
      path: `${path}.values[0]`,
      message: `is ${shown(values[0] ?? '')}, which is no name of a node`,
    });
  return found;
}

function problems(
  path: string,
  { operator = '', values = [] }: Partial<NodeSelectorRequirement>,
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
