import type { LabelSelector, LabelSelectorRequirement } from '../../../api/meta.ts';
import { formatSelector } from '../../scheduling/format-selector.ts';
import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readSelector, shown } from '../untrusted.ts';

/**
 * Source: upstream `ValidateDaemonSetUpdate`, which compares with `Semantic.DeepEqual`: an empty list equals an
 * absent one, and the order of requirements and of their values counts.
 */
export const selectorImmutable: DaemonSetRule = {
  id: 'selector-immutable',
  level: 'deny',
  check: ({ operation, object, oldObject }) => {
    if (operation !== 'UPDATE' || oldObject === undefined || oldObject === null) return [];
    const before = readSelector(oldObject, 'spec', 'selector');
    const after = readSelector(object, 'spec', 'selector');
    if (before === MALFORMED || after === MALFORMED || sameSelector(before, after)) return [];
    return [{ path: 'spec.selector', message: explain(before, after) }];
  },
};

function explain(before: LabelSelector | undefined, after: LabelSelector | undefined): string {
  const [old, wanted] = [formatSelector(before), formatSelector(after)];
  if (old === wanted && before && after) {
    return (
      `lists the requirements of ${shown(old)} in another order, which the API server takes for a change, and ` +
      'the selector of a DaemonSet cannot change; put them back in the order of the stored object'
    );
  }
  return (
    `cannot change from ${named(before, old)} to ${named(after, wanted)}: it is how a DaemonSet knows its pods. ` +
    `Keep ${named(before, old)}, or create a DaemonSet of another name. To keep the name, delete this one and ` +
    'create it again: that replaces all its pods, or, deleted with --cascade=orphan, leaves the old pods running ' +
    'beside the new ones with nothing to manage them'
  );
}

function named(selector: LabelSelector | undefined, text: string): string {
  if (selector === undefined) return 'none';
  return text === '' ? 'an empty selector' : shown(text);
}

function sameSelector(a: LabelSelector | undefined, b: LabelSelector | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const labels = Object.entries(a.matchLabels ?? {});
  const otherLabels = new Map(Object.entries(b.matchLabels ?? {}));
  return (
    labels.length === otherLabels.size &&
    labels.every(([key, value]) => otherLabels.get(key) === value) &&
    sameList(a.matchExpressions, b.matchExpressions, sameRequirement)
  );
}

function sameRequirement(a: LabelSelectorRequirement, b: LabelSelectorRequirement): boolean {
  return (
    a.key === b.key &&
    a.operator === b.operator &&
    sameList(a.values, b.values, (value, other) => value === other)
  );
}

function sameList<T>(a: readonly T[] = [], b: readonly T[] = [], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((entry, at) => same(entry, b[at] as T));
}
