/** Taint of nodes that run the control plane, until 1.24; clusters of both kinds are still about. */
export const MASTER_TAINT = 'node-role.kubernetes.io/master';

/** Keys of labels and taints that nodes no longer carry, with those that took their place. */
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
