import type { LabelSelector, LabelSelectorRequirement } from '../../../api/meta.ts';
import { formatSelector } from '../../scheduling/format-selector.ts';
import { selectorMatches } from '../../scheduling/label-selector.ts';
import { leftBehind } from '../left-behind.ts';
import { counted, listNames } from '../list-names.ts';
import { readName } from '../read-name.ts';
import type { DaemonSetChange, DaemonSetRule } from '../rule.ts';
import { MALFORMED, readSelector, readString, shown } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';

const PATH = 'spec.selector';

/**
 * The selector of a DaemonSet never changes: not by an update, which is refused, and not without a warning by
 * deleting and creating it again, when what the old one left behind cannot be adopted by the new one.
 *
 * Source: upstream `ValidateDaemonSetUpdate`, which compares with `Semantic.DeepEqual`: an empty list equals an
 * absent one, and the order of requirements and of their values counts.
 */
export const selectorImmutable: DaemonSetRule = {
  id: 'selector-immutable',
  level: 'deny',
  check: (change) => (change.operation === 'CREATE' ? recreation(change) : update(change)),
};

function update({ object, oldObject, namespace, cluster }: DaemonSetChange): readonly Problem[] {
  if (oldObject === undefined || oldObject === null) return [];
  const before = readSelector(oldObject, 'spec', 'selector');
  const after = readSelector(object, 'spec', 'selector');
  if (before === MALFORMED || after === MALFORMED || sameSelector(before, after)) return [];
  const uid = readString(oldObject, 'metadata', 'uid');
  const pods = cluster && typeof uid === 'string' ? cluster.podsOf(namespace, uid) : [];
  const lost = pods.filter(({ labels }) => !selectorMatches(after, labels)).length;
  const loss = lost === 0 ? '' : `. ${counted(lost, 'pod')} that it has now would be left behind`;
  return [{ path: PATH, message: explain(before, after) + loss }];
}

function recreation({ object, namespace, cluster }: DaemonSetChange): readonly Problem[] {
  const selector = readSelector(object, 'spec', 'selector');
  const name = readName(object);
  if (!cluster || selector === MALFORMED || selector === undefined || name === '') return [];
  const { pods, revisions } = leftBehind(cluster, { namespace, name }, selector);
  if (pods.length + revisions.length === 0) return [];
  const what = [
    ...(pods.length > 0 ? [`${counted(pods.length, 'pod')} (${listNames(pods)})`] : []),
    ...(revisions.length > 0
      ? [`${counted(revisions.length, 'ControllerRevision')} (${listNames(revisions)})`]
      : []),
  ].join(' and ');
  return [
    {
      path: PATH,
      message:
        `does not match ${what} that an earlier DaemonSet ${shown(name)} left behind, so they are not adopted: the ` +
        'pods run on beside the new ones, with nothing to manage them. Create it with the old selector, or delete ' +
        'what was left',
      brief: `does not match ${what} of an earlier DaemonSet of this name`,
      atMost: 'warn',
    },
  ];
}

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
