/** Who empties namespaces and collects what has lost its owner: refusing them would leave things half deleted. */
export const CLEANERS: readonly string[] = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
];

/** The built-in DaemonSet controller, with and without a ServiceAccount of its own. */
export const POD_MAKERS: readonly string[] = [
  'system:serviceaccount:kube-system:daemon-set-controller',
  'system:kube-controller-manager',
];
