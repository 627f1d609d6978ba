import type { LabelSelector, LabelSelectorRequirement, StringMap } from '../../api/meta.ts';

/** True when the selector is absent or asks for nothing: for a DaemonSet that selects no pod at all. */
export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return (
    Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions?.length ?? 0) === 0
  );
}

/**
 * Whether the labels satisfy every requirement. An absent or empty selector matches nothing here, and so does
 * one with an unknown operator.
 *
 * Source: upstream `metav1.LabelSelectorAsSelector`.
 */
export function selectorMatches(selector: LabelSelector | undefined, labels: StringMap): boolean {
  if (selector === undefined || isEmptySelector(selector)) return false;
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
  }
  return (selector.matchExpressions ?? []).every((requirement) => requirementMatches(requirement, labels));
}

function requirementMatches(requirement: LabelSelectorRequirement, labels: StringMap): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && (requirement.values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(requirement.values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
