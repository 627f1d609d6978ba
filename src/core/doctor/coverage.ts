import type { LabelSelector, StringMap } from '../../api/meta.ts';
import { isEmptySelector, selectorMatches } from '../scheduling/label-selector.ts';
import type { Attributes } from './admission-attributes.ts';
import type { Hook, HookRule } from './hook.ts';
import { evaluateCondition } from './match-condition.ts';

/** Whether a webhook is asked about a request; `maybe` names what cannot be known without the API server. */
export type Coverage =
  | { readonly answer: 'no' | 'yes' }
  | { readonly answer: 'maybe'; readonly because: readonly string[] };

const NO: Coverage = { answer: 'no' };
const YES: Coverage = { answer: 'yes' };
/** Values that controllers give to these labels are not known beforehand. */
const COMPUTED_LABELS: readonly string[] = ['controller-revision-hash', 'pod-template-hash'];

/**
 * Whether the API server asks this webhook about that request.
 *
 * Source: apiserver `webhook/generic/webhook.go` and `webhook/predicates`.
 */
export function coverage(hook: Hook, request: Attributes): Coverage {
  if (!(hook.rules ?? []).some((rule) => ruleMatches(rule, request))) return NO;
  // Objects outside namespaces are never exempted by a namespaceSelector.
  if (request.namespace !== '' && !selects(hook.namespaceSelector, request.namespaceLabels)) return NO;
  const unknown: string[] = [];
  switch (objectSelected(hook.objectSelector, request.labels)) {
    case 'no':
      return NO;
    case 'maybe':
      unknown.push('objectSelector');
      break;
    case 'yes':
      break;
  }
  for (const { name, expression } of hook.matchConditions ?? []) {
    const holds = evaluateCondition(expression, request);
    if (holds === false) return NO;
    if (holds === undefined) unknown.push(`matchCondition ${name}`);
  }
  return unknown.length === 0 ? YES : { answer: 'maybe', because: unknown };
}

/** The strongest answer of several: one request that is covered suffices. */
export function anyCoverage(answers: readonly Coverage[]): Coverage {
  const certain = answers.find(({ answer }) => answer === 'yes');
  if (certain) return certain;
  const because = answers.flatMap((each) => (each.answer === 'maybe' ? each.because : []));
  return because.length > 0 ? { answer: 'maybe', because: [...new Set(because)] } : NO;
}

/** Source: `webhook/predicates/rules/rules.go`. */
function ruleMatches(rule: HookRule, request: Attributes): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope = '*' } = rule;
  return (
    (scope === '*' || (scope === 'Namespaced') === (request.namespace !== '')) &&
    includes(operations, request.operation) &&
    includes(apiGroups, request.group) &&
    includes(apiVersions, request.version) &&
    resources.some((each) => {
      const slash = each.indexOf('/');
      const resource = slash < 0 ? each : each.slice(0, slash);
      const subresource = slash < 0 ? '' : each.slice(slash + 1);
      return includes([resource], request.resource) && includes([subresource], request.subresource);
    })
  );
}

function includes(allowed: readonly string[], value: string): boolean {
  return allowed.includes('*') || allowed.includes(value);
}

/** Here, unlike in a DaemonSet, an empty selector selects everything. */
function selects(selector: LabelSelector | undefined, labels: StringMap): boolean {
  return isEmptySelector(selector) || selectorMatches(selector, labels);
}

function objectSelected(
  selector: LabelSelector | undefined,
  labels: StringMap | undefined,
): Coverage['answer'] {
  if (isEmptySelector(selector)) return 'yes';
  if (labels === undefined) return 'maybe';
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const requirements: readonly LabelSelector[] = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ matchLabels: { [key]: value } })),
    ...matchExpressions.map((requirement) => ({ matchExpressions: [requirement] })),
  ];
  const [known, unknown] = [
    requirements.filter((each) => !asksComputed(each)),
    requirements.filter(asksComputed),
  ];
  if (!known.every((each) => selectorMatches(each, labels))) return 'no';
  return unknown.length > 0 ? 'maybe' : 'yes';
}

function asksComputed({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  const keys = [
    ...Object.keys(matchLabels),
    ...matchExpressions
      .filter(({ operator }) => operator === 'In' || operator === 'NotIn')
      .map(({ key }) => key),
  ];
  return keys.some((key) => COMPUTED_LABELS.includes(key));
}
