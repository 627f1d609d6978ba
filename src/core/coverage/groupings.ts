import type { NodeRecord } from '../../api/node.ts';

/** Nodes told apart by one of their labels. */
export type Grouping = {
  readonly label: string;
  /** Sorted; the empty string stands for nodes that lack the label. */
  readonly values: readonly string[];
  /** For each node, the place of its value. */
  readonly of: readonly number[];
};

/** More groups than this are no overview. */
const MOST_GROUPS = 100;

/** What pools are called by those who make them. */
const POOL_LABELS = [
  'karpenter.sh/nodepool',
  'cloud.google.com/gke-nodepool',
  'eks.amazonaws.com/nodegroup',
  'alpha.eksctl.io/nodegroup-name',
  'kubernetes.azure.com/agentpool',
  'agentpool',
  'doks.digitalocean.com/node-pool',
  'lke.linode.com/pool-id',
  'kops.k8s.io/instancegroup',
  'cluster.x-k8s.io/deployment-name',
  'machine.openshift.io/cluster-api-machineset',
  'node.gardener.cloud/pool',
  'worker.gardener.cloud/pool',
];
const PLACE_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** What people look for first comes first. */
const PREFERRED = [...PLACE_LABELS.slice(0, 1), ...POOL_LABELS, ...PLACE_LABELS.slice(1)];

/**
 * The labels by which these nodes can be told apart in a useful way: some nodes differ, and there are not as many
 * groups as nodes. Zone and pool first, then by name.
 *
 * @param nodes in the order in which they are shown.
 */
export function groupingsOf(nodes: readonly NodeRecord[]): readonly Grouping[] {
  return [...valuesByLabel(nodes)]
    .filter(([, { values, nodes: having }]) => {
      // Nodes that lack it are with those that have it without a value, such as the labels of roles.
      const groups = values.size + Number(having < nodes.length && !values.has(''));
      return groups > 1 && groups <= MOST_GROUPS && groups < nodes.length;
    })
    .map(([label]) => label)
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map((label) => groupingBy(label, nodes));
}

type Seen = { readonly values: Set<string>; nodes: number };

function valuesByLabel(nodes: readonly NodeRecord[]): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const { labels } of nodes) {
    for (const [label, value] of Object.entries(labels)) {
      const known = seen.get(label) ?? { values: new Set(), nodes: 0 };
      seen.set(label, known);
      known.nodes += 1;
      // What is over the limit already need not be held: host names would be as many as nodes.
      if (known.values.size <= MOST_GROUPS) known.values.add(value);
    }
  }
  return seen;
}

function rank(label: string): number {
  const place = PREFERRED.indexOf(label);
  return place < 0 ? PREFERRED.length : place;
}

function groupingBy(label: string, nodes: readonly NodeRecord[]): Grouping {
  const values = nodes.map(({ labels }) => (Object.hasOwn(labels, label) ? (labels[label] ?? '') : ''));
  const sorted = [...new Set(values)].toSorted();
  const places = new Map(sorted.map((value, place) => [value, place]));
  return { label, values: sorted, of: values.map((value) => places.get(value) ?? 0) };
}
