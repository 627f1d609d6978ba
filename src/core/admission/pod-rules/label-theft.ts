import type { DaemonSet } from '../../../api/daemonset.ts';
import { formatSelector } from '../../scheduling/format-selector.ts';
import { selectorMatches } from '../../scheduling/label-selector.ts';
import { controllerOf, isDaemonPod, isMirrorPod } from '../daemon-pod-request.ts';
import type { PodCreation, PodRule } from '../rule.ts';
import { MALFORMED, readStringMap, shown } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';

/**
 * A Pod that no DaemonSet made and that a DaemonSet selects. Without a controller it is adopted: it counts as the
 * agent of its node, or is deleted as one too many. With one it is counted by whatever uses those labels.
 */
export const labelTheft: PodRule = {
  id: 'label-theft',
  level: 'deny',
  check: (creation) => {
    const { kind, object, namespace, cluster } = creation;
    if (!cluster || (kind === 'Pod' && (isMirrorPod(object) || isDaemonPod(object)))) return [];
    const path = kind === 'Pod' ? ['metadata', 'labels'] : ['spec', 'template', 'metadata', 'labels'];
    const labels = readStringMap(object, ...path);
    if (labels === undefined || labels === MALFORMED) return [];
    return cluster
      .daemonSets(namespace)
      .filter(({ metadata, spec }) => !metadata.deletionTimestamp && selectorMatches(spec.selector, labels))
      .map((daemonSet) => explain(daemonSet, path.join('.'), creation));
  },
};

function explain({ metadata, spec }: DaemonSet, path: string, { kind, object }: PodCreation): Problem {
  const isBare = kind === 'Pod' && controllerOf(object) === undefined;
  const selector = shown(formatSelector(spec.selector));
  const consequence = isBare
    ? 'which would adopt the Pod: take it for the agent of its node, or delete it as one too many'
    : 'so that both are taken for one by everything that selects by these labels';
  return {
    path,
    about: metadata.name,
    message: `match the selector (${selector}) of DaemonSet ${metadata.name}, ${consequence}. Change one of the labels`,
    brief: `match the selector (${selector}) of DaemonSet ${metadata.name}`,
    ...(!isBare && { atMost: 'warn' }),
  };
}
