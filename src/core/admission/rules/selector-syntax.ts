import type { LabelSelectorRequirement } from '../../../api/meta.ts';
import { isLabelKey, isLabelValue } from '../../scheduling/label-syntax.ts';
import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readSelector, shown } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';

const PATH = 'spec.selector';
const KEY =
  'is no label key: letters, digits, "-", "_" and "." (63 at most), after an optional domain and "/"';
const VALUE =
  'is no label value: at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends';
const TAKES_VALUES: ReadonlyMap<string, boolean> = new Map([
  ['In', true],
  ['NotIn', true],
  ['Exists', false],
  ['DoesNotExist', false],
]);

/**
 * Source: upstream `ValidateLabelSelector`. Bad values of expressions are tolerated where the stored object has
 * such, as the API server does (`AllowInvalidLabelValueInSelector`): only a creation is judged.
 */
export const selectorSyntax: DaemonSetRule = {
  id: 'selector-syntax',
  level: 'deny',
  operations: ['CREATE'],
  check: ({ object }) => {
    const selector = readSelector(object, 'spec', 'selector');
    if (selector === undefined || selector === MALFORMED) return [];
    const labels = Object.entries(selector.matchLabels ?? {}).flatMap(([key, value]) => [
      ...keyProblem(`${PATH}.matchLabels`, key),
      ...(isLabelValue(value)
        ? []
        : [{ path: `${PATH}.matchLabels[${key}]`, message: `${shown(value)} ${VALUE}` }]),
    ]);
    return [...labels, ...(selector.matchExpressions ?? []).flatMap(checkRequirement)];
  },
};

function checkRequirement(
  { key, operator, values = [] }: LabelSelectorRequirement,
  at: number,
): readonly Problem[] {
  const path = `${PATH}.matchExpressions[${at}]`;
  const takesValues = TAKES_VALUES.get(operator);
  if (takesValues === undefined) {
    const message = `is ${shown(operator)}; set it to In, NotIn, Exists or DoesNotExist`;
    return [...keyProblem(`${path}.key`, key), { path: `${path}.operator`, message }];
  }
  return [
    ...keyProblem(`${path}.key`, key),
    ...countProblem(`${path}.values`, operator, takesValues, values.length),
    ...values.flatMap((value, index) =>
      isLabelValue(value) ? [] : [{ path: `${path}.values[${index}]`, message: `${shown(value)} ${VALUE}` }],
    ),
  ];
}

function keyProblem(path: string, key: string): readonly Problem[] {
  return isLabelKey(key) ? [] : [{ path, message: `${shown(key)} ${KEY}` }];
}

function countProblem(
  path: string,
  operator: string,
  takesValues: boolean,
  count: number,
): readonly Problem[] {
  if (takesValues && count === 0)
    return [{ path, message: `is empty; ${operator} needs at least one value` }];
  if (!takesValues && count > 0) return [{ path, message: `must be left out: ${operator} takes no values` }];
  return [];
}
