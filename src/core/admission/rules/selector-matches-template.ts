import type { LabelSelector, LabelSelectorRequirement, StringMap } from '../../../api/meta.ts';
import { formatSelector } from '../../scheduling/format-selector.ts';
import { isEmptySelector, selectorMatches } from '../../scheduling/label-selector.ts';
import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readSelector, readStringMap, shown } from '../untrusted.ts';

const TAKES_VALUES: Readonly<Record<string, boolean>> = {
  In: true,
  NotIn: true,
  Exists: false,
  DoesNotExist: false,
};
const LISTED = 5;

/** Source: upstream `ValidateDaemonSetSpec`. An empty selector is the business of the rule `selector-empty`. */
export const selectorMatchesTemplate: DaemonSetRule = {
  id: 'selector-matches-template',
  level: 'deny',
  check: ({ operation, object }) => {
    const selector = readSelector(object, 'spec', 'selector');
    const labels = readStringMap(object, 'spec', 'template', 'metadata', 'labels');
    if (selector === MALFORMED || labels === MALFORMED || isEmptySelector(selector)) return [];
    const unmet = requirementsOf(selector ?? {}).filter((single) => !selectorMatches(single, labels ?? {}));
    if (unmet.length === 0) return [];
    const reasons = unmet.slice(0, LISTED).map((single) => explain(single, labels ?? {}));
    if (unmet.length > LISTED) reasons.push(`${unmet.length - LISTED} more`);
    return [
      {
        path: 'spec.template.metadata.labels',
        message:
          `do not match spec.selector, so the DaemonSet would not find the pods it makes: ${reasons.join('; ')}. ` +
          (operation === 'CREATE'
            ? 'Change the labels or the selector so that they agree'
            : 'Give the template the labels that the stored selector requires; the selector itself cannot change'),
      },
    ];
  },
};

/** One selector for each requirement; those that the API server finds invalid are left for it to explain. */
function requirementsOf({
  matchLabels = {},
  matchExpressions = [],
}: LabelSelector): readonly LabelSelector[] {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({ matchLabels: { [key]: value } })),
    ...matchExpressions.filter(isValid).map((requirement) => ({ matchExpressions: [requirement] })),
  ];
}

function isValid({ operator, values = [] }: LabelSelectorRequirement): boolean {
  return Object.hasOwn(TAKES_VALUES, operator) && TAKES_VALUES[operator] === values.length > 0;
}

function explain(requirement: LabelSelector, labels: StringMap): string {
  const key = Object.keys(requirement.matchLabels ?? {})[0] ?? requirement.matchExpressions?.[0]?.key ?? '';
  const has = Object.hasOwn(labels, key) ? shown(`${key}=${labels[key]}`) : `no label ${shown(key)}`;
  return `the selector requires ${shown(formatSelector(requirement))}, the template has ${has}`;
}
