import type { LabelSelector, StringMap } from '../../../api/meta.ts';
import { CONTROLLER_REVISION_HASH_LABEL } from '../../../api/keys.ts';
import { formatSelector } from '../../scheduling/format-selector.ts';
import { selectorMatches } from '../../scheduling/label-selector.ts';
import { type Overlap, selectorOverlap, type Selecting } from '../../scheduling/selector-overlap.ts';
import type { ClusterView } from '../cluster-view.ts';
import { counted, listNames } from '../list-names.ts';
import { ratchet } from '../ratchet.ts';
import { readName } from '../read-name.ts';
import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readSelector, readStringMap, shown } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';

const PATH = 'spec.selector';

/**
 * A selector that also selects pods of something else. The API server allows it, and two controllers then count,
 * adopt or delete each other's pods (kubernetes#24152). Denied where a DaemonSet makes pods that both select.
 */
export const selectorOverlapRule: DaemonSetRule = {
  id: 'selector-overlap',
  level: 'deny',
  check: ({ object, oldObject, namespace, cluster }) => {
    if (!cluster) return [];
    const rivals = rivalsIn(cluster, namespace, readName(object));
    return ratchet(overlaps(object, rivals), () => overlaps(oldObject, rivals));
  },
};

type Rival = Selecting & { readonly kind: string; readonly name: string };
type Found = { readonly rival: Rival; readonly overlap: Exclude<Overlap, { kind: 'disjoint' }> };

function rivalsIn(cluster: ClusterView, namespace: string, name: string): readonly Rival[] {
  const daemonSets = cluster
    .daemonSets(namespace)
    .filter(({ metadata }) => metadata.name !== name && !metadata.deletionTimestamp)
    .map(({ metadata, spec }) => ({
      kind: 'DaemonSet',
      name: metadata.name,
      selector: spec.selector,
      podLabels: spec.template.metadata?.labels ?? {},
    }));
  const workloads = cluster
    .workloads(namespace)
    .map((workload) => ({ ...workload, selector: workload.selector }));
  // What a DaemonSet left behind is there to be adopted.
  const pods = cluster
    .barePods(namespace)
    .filter(({ labels, terminating }) => !terminating && !(CONTROLLER_REVISION_HASH_LABEL in labels))
    .map(({ name: podName, labels }) => ({
      kind: 'Pod',
      name: podName,
      selector: undefined,
      podLabels: labels,
    }));
  return [...daemonSets, ...workloads, ...pods];
}

function overlaps(object: unknown, rivals: readonly Rival[]): readonly Problem[] {
  const selector = readSelector(object, 'spec', 'selector');
  const podLabels = readStringMap(object, 'spec', 'template', 'metadata', 'labels');
  if (selector === MALFORMED || selector === undefined || podLabels === MALFORMED) return [];
  const own: Selecting = { selector, podLabels: podLabels ?? {} };
  const found = rivals.flatMap((rival): readonly Found[] => {
    const overlap = overlapWith(own, rival);
    return overlap.kind === 'disjoint' ? [] : [{ rival, overlap }];
  });
  // In whatever order a cache has them, the same is said of the same cluster.
  const inOrder = found.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const certain = inOrder.filter(({ overlap }) => overlap.kind === 'overlaps');
  const possible = inOrder.filter(({ overlap }) => overlap.kind === 'mayOverlap');
  return [...certain.map((each) => explainCertain(each, selector)), ...explainPossible(possible)];
}

function overlapWith(own: Selecting, rival: Rival): Overlap {
  if (rival.kind !== 'Pod') return selectorOverlap(own, rival);
  return selectorMatches(own.selector, rival.podLabels)
    ? { kind: 'overlaps', witness: rival.podLabels }
    : { kind: 'disjoint', key: '' };
}

function nameOf({ rival }: Found): string {
  return `${rival.kind} ${shown(rival.name)}`;
}

function explainCertain(each: Found, selector: LabelSelector): Problem {
  const { rival, overlap } = each;
  const named = nameOf(each);
  const witness = format(overlap.witness);
  const consequence =
    rival.kind === 'Pod'
      ? 'it would be adopted, and deleted where it is one too many'
      : 'each would take them for its own';
  return {
    path: PATH,
    about: named,
    message:
      `(${shown(formatSelector(selector))}) also selects pods of ${named}: labels ${witness} match both, so ${consequence}. ` +
      'Give the selector and the template a label that nothing else in the namespace has, such as ' +
      'app.kubernetes.io/instance',
    brief: `selects pods of ${named} too (${witness})`,
    ...(rival.kind !== 'DaemonSet' && { atMost: 'warn' }),
  };
}

/** One warning for all of them: nothing is wrong until somebody makes such a pod. */
function explainPossible(found: readonly Found[]): readonly Problem[] {
  const [first] = found;
  if (!first) return [];
  const names = found.map(nameOf);
  const witness = format(first.overlap.witness);
  return [
    {
      path: PATH,
      message:
        `has no label in common with that of ${listNames(names)}, so a pod labelled ${witness} would belong to both. ` +
        `No such pod is made by ${counted(found.length + 1, 'object')} as they stand; use the same label keys in all ` +
        'selectors of the namespace, with different values',
      brief: `may overlap with ${listNames(names, 1)}, for pods labelled ${witness}`,
      atMost: 'info',
    },
  ];
}

function format(labels: StringMap): string {
  return shown(formatSelector({ matchLabels: labels }));
}
