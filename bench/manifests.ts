const CONTAINERS = [
  { name: 'agent', image: 'registry.k8s.io/pause:3.10', resources: { requests: { cpu: '10m' } } },
];

/** A DaemonSet as small as they come, so that the API server's work is the controller's doing. */
export function daemonSetManifest(name: string, nodeSelector?: Record<string, string>): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: CONTAINERS,
          ...(nodeSelector && { nodeSelector }),
        },
      },
    },
  };
}

/** What a controller would make of it for one node. */
export function podManifest(node: string): object {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'plain-', labels: { app: 'plain' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: CONTAINERS,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
        },
      },
      tolerations: [{ operator: 'Exists' }],
    },
  };
}

/** A Pod of this DaemonSet for one node that lacks its pin and its tolerations. */
export function daemonPodManifest(owner: { name: string; uid: string }): (node: string) => object {
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'DaemonSet', ...owner, controller: true, blockOwnerDeletion: true },
  ];
  return (node) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.name}-`,
      labels: { app: owner.name },
      annotations: { 'everynode.dev/node': node },
      ownerReferences,
    },
    spec: { terminationGracePeriodSeconds: 0, containers: CONTAINERS },
  });
}
