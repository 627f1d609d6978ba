import type { DaemonSet } from '../../api/daemonset.ts';
import type { LabelSelector } from '../../api/meta.ts';
import type { PodSpec, Toleration } from '../../api/pod.ts';
import { isEmptySelector, selectorMatches } from '../scheduling/label-selector.ts';

/** Tolerations that pods of chosen DaemonSets get beside their own. */
export type ExtraTolerations = {
  /** Of the DaemonSet; absent or empty: all. */
  readonly namespaces?: readonly string[];
  /** On the DaemonSet's labels; absent: all. */
  readonly selector?: LabelSelector;
  readonly tolerations: readonly Toleration[];
};

/**
 * The spec of the template as its pods get it: with the tolerations that the configuration gives them. The spec
 * itself where there is nothing to add.
 */
export function podSpecOf(daemonSet: DaemonSet, configured: readonly ExtraTolerations[]): PodSpec {
  const spec = daemonSet.spec.template.spec ?? {};
  const present = spec.tolerations ?? [];
  const missing = missingTolerations(present, extraTolerationsFor(daemonSet, configured));
  return missing.length === 0 ? spec : { ...spec, tolerations: [...present, ...missing] };
}

/** The tolerations that the configuration gives to pods of this DaemonSet, in its order. */
export function extraTolerationsFor(
  { metadata }: Pick<DaemonSet, 'metadata'>,
  configured: readonly ExtraTolerations[],
): readonly Toleration[] {
  return configured
    .filter(
      ({ namespaces = [], selector }) =>
        (namespaces.length === 0 || namespaces.includes(metadata.namespace)) &&
        (isEmptySelector(selector) || selectorMatches(selector, metadata.labels ?? {})),
    )
    .flatMap(({ tolerations }) => tolerations);
}

/** Those that are not there yet. One that differs in its `tolerationSeconds` only is the user's choice and counts. */
export function missingTolerations(
  present: readonly Toleration[],
  wanted: readonly Toleration[],
): readonly Toleration[] {
  if (wanted.length === 0) return wanted;
  const known = new Set(present.map(identity));
  return wanted.filter((toleration) => {
    const id = identity(toleration);
    if (known.has(id)) return false;
    known.add(id);
    return true;
  });
}

function identity({ key = '', operator = '', value = '', effect = '' }: Toleration): string {
  // An absent operator is Equal.
  return JSON.stringify([key, operator || 'Equal', value, effect]);
}
