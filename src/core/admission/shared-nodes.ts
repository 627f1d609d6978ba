import type { StringMap } from '../../api/meta.ts';
import type { NodeRecord } from '../../api/node.ts';
import type { NodeSelectorTerm, PodSpec } from '../../api/pod.ts';
import { compileEligibility } from '../scheduling/eligibility.ts';
import type { ClusterView } from './cluster-view.ts';
import { counted, listNames } from './list-names.ts';

/** Where two DaemonSets both have a pod, to be read on. */
export type SharedNodes = {
  /** `on 2 same nodes`. */
  readonly where: string;
  /** Their names in brackets; empty where nodes are not known. */
  readonly names: string;
};

/** What most nodes are; a template that says nothing of it comes to these. */
const USUAL_LABELS: StringMap = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };

/**
 * Compiles one template into the question which nodes it shares with another. Where no node is known, as in files,
 * those are looked at that the two templates ask for; undefined when they share none.
 */
export function sharingWith(
  cluster: ClusterView,
  spec: PodSpec,
): (other: PodSpec) => SharedNodes | undefined {
  const isEligible = compileEligibility(spec);
  let own: readonly NodeRecord[] | undefined;
  return (other) => {
    const nodes = cluster.nodes();
    const runsOther = compileEligibility(other);
    if (nodes.length === 0) {
      const shared = [spec, other]
        .flatMap(nodesAskedFor)
        .some((node) => isEligible(node).shouldRun && runsOther(node).shouldRun);
      return shared ? { where: 'on the same nodes', names: '' } : undefined;
    }
    own ??= nodes.filter((node) => isEligible(node).shouldRun);
    const names = own.filter((node) => runsOther(node).shouldRun).map(({ name }) => name);
    if (names.length === 0) return undefined;
    return {
      where: `on ${counted(names.length, 'same node')}`,
      names: ` (${listNames(names.toSorted())})`,
    };
  };
}

/** For each term of its affinity a node without taints that has the labels it asks for, and no others of note. */
function nodesAskedFor({ nodeName, nodeSelector, affinity }: PodSpec): readonly NodeRecord[] {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (terms ?? [{}]).map((term) => ({
    name: nodeName ?? term.matchFields?.[0]?.values?.[0] ?? '',
    uid: '',
    resourceVersion: '',
    labels: { ...USUAL_LABELS, ...labelsOf(term), ...nodeSelector },
    taints: [],
  }));
}

function labelsOf({ matchExpressions = [] }: NodeSelectorTerm): StringMap {
  const wanted = matchExpressions.filter(({ operator }) => operator === 'In' || operator === 'Exists');
  return Object.fromEntries(
    wanted.map(({ key, values = [] }) => [key, values[0] ?? USUAL_LABELS[key] ?? '']),
  );
}
