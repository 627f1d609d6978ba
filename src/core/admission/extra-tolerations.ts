import type { DaemonSet } from '../../api/daemonset.ts';
import type { Toleration } from '../../api/pod.ts';
import { isEmptySelector, selectorMatches } from '../scheduling/label-selector.ts';
import type { ExtraTolerations } from './settings.ts';

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
