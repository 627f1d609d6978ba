import type { DaemonSet } from '../../../api/daemonset.ts';
import type { ClusterView } from '../cluster-view.ts';
import { type HostPort, hostPortsOf, portsClash } from '../host-ports.ts';
import { ratchet } from '../ratchet.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { type SharedNodes, sharingWith } from '../shared-nodes.ts';
import { readName } from '../read-name.ts';
import type { Problem } from '../verdict.ts';

/**
 * Two DaemonSets that want one port of the same node: the pod that comes second stays Pending there, or, on the
 * node's own network, fails to listen. Nothing in Kubernetes says so before it happens.
 */
export const hostPortClash: DaemonSetRule = {
  id: 'host-port-clash',
  level: 'warn',
  check: ({ object, oldObject, namespace, cluster }) => {
    if (!cluster) return [];
    return ratchet(clashes(object, namespace, cluster), () => clashes(oldObject, namespace, cluster));
  },
};

function clashes(object: unknown, namespace: string, cluster: ClusterView): readonly Problem[] {
  const ports = hostPortsOf(object);
  const spec = readPodSpec(object, 'spec', 'template', 'spec');
  if (ports.length === 0 || spec === undefined) return [];
  const name = readName(object);
  const sharing = sharingWith(cluster, spec);
  return cluster.daemonSets().flatMap((other): readonly Problem[] => {
    const { metadata } = other;
    if (metadata.deletionTimestamp || (metadata.namespace === namespace && metadata.name === name)) return [];
    const clash = firstClash(ports, hostPortsOf(other));
    if (!clash) return [];
    const shared = sharing(other.spec.template.spec ?? {});
    return shared ? [explain(clash, other, shared)] : [];
  });
}

function firstClash(ports: readonly HostPort[], others: readonly HostPort[]): HostPort | undefined {
  return ports.find((port) => others.some((other) => portsClash(port, other)));
}

function explain(
  { path, port, protocol }: HostPort,
  { metadata }: DaemonSet,
  { where, names }: SharedNodes,
): Problem {
  const other = `${metadata.namespace}/${metadata.name}`;
  return {
    path,
    about: other,
    message:
      `takes port ${port}/${protocol} of the node, and so does DaemonSet ${other} ${where}${names}, ` +
      'where only one of the two can run. Choose another port, or node selectors that have no node in common',
    brief: `${port}/${protocol} is taken by DaemonSet ${other} ${where}`,
  };
}
