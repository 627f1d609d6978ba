/** Taint of nodes that run the control plane, until 1.24; clusters of both kinds are still about. */
export const MASTER_TAINT = 'node-role.kubernetes.io/master';

/** Keys of labels and taints of the past, with those that took their place. */
export const REPLACED_NODE_KEYS: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  [MASTER_TAINT, 'node-role.kubernetes.io/control-plane'],
  ['node.alpha.kubernetes.io/notReady', 'node.kubernetes.io/not-ready'],
  ['node.alpha.kubernetes.io/unreachable', 'node.kubernetes.io/unreachable'],
]);

/** Those that nodes still get beside their successors, and the version since which they are deprecated. */
const DEPRECATED_SINCE: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/os', '1.14'],
  ['beta.kubernetes.io/arch', '1.14'],
  ['beta.kubernetes.io/instance-type', '1.17'],
  ['failure-domain.beta.kubernetes.io/zone', '1.17'],
  ['failure-domain.beta.kubernetes.io/region', '1.17'],
]);

/** What became of a key of the past, to be read after it. */
export function fateOfNodeKey(key: string): string {
  const since = DEPRECATED_SINCE.get(key);
  return since === undefined ? 'which nodes no longer carry' : `deprecated since Kubernetes ${since}`;
}
