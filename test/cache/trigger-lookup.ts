import type { DaemonSet } from '../../src/api/daemonset.ts';
import type { PodRecord } from '../../src/api/pod.ts';
import { keyOf, type TriggerLookup } from '../../src/cache/triggers.ts';

/** Look-ups in plain lists. */
export function lookupIn(daemonSets: readonly DaemonSet[], pods: readonly PodRecord[] = []): TriggerLookup {
  return {
    daemonSet: (key) => daemonSets.find(({ metadata }) => keyOf(metadata) === key),
    daemonSets: () => daemonSets,
    daemonSetsIn: (namespace) => daemonSets.filter(({ metadata }) => metadata.namespace === namespace),
    podsOn: (node) => pods.filter(({ targetNode }) => targetNode === node),
    podSpec: ({ spec }) => spec.template.spec ?? {},
  };
}
