/** An AdmissionReview for a Pod of a DaemonSet that lacks its pin and its tolerations, in so many bytes of ASCII. */
export function podReview(bytes: number): string {
  // Environment variables, as long manifests have them; the last one fills up the rest.
  const [one, two] = [1, 2].map((count) => reviewOf(variables(count, 0)).length);
  if (one === undefined || two === undefined || bytes < one) throw new Error(`${bytes} bytes are too few`);
  const count = Math.max(1, Math.floor((bytes - one) / (two - one + VALUE_LENGTH)));
  const rest = bytes - reviewOf(variables(count, 0)).length;
  return reviewOf(variables(count, rest));
}

const VALUE_LENGTH = 64;

/** All but the last with a value of the usual length, the last with what is left. */
function variables(count: number, length: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => {
    const own = Math.min(VALUE_LENGTH, Math.max(0, length - index * VALUE_LENGTH));
    const last = Math.max(0, length - index * VALUE_LENGTH);
    return variable(index, index === count - 1 ? last : own);
  });
}

function reviewOf(env: readonly object[]): string {
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { ...REQUEST, object: podOf(env) },
  });
}

const REQUEST = {
  uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  requestKind: { group: '', version: 'v1', kind: 'Pod' },
  requestResource: { group: '', version: 'v1', resource: 'pods' },
  namespace: 'logging',
  operation: 'CREATE',
  userInfo: {
    username: 'system:serviceaccount:kube-system:daemon-set-controller',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  },
  oldObject: null,
  dryRun: false,
  options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
};

function podOf(env: readonly object[]): object {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      generateName: 'agent-',
      namespace: 'logging',
      labels: { app: 'agent', 'controller-revision-hash': '5d8f7c9b6', 'pod-template-generation': '1' },
      annotations: { 'everynode.dev/node': 'node-17' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'DaemonSet',
          name: 'agent',
          uid: '3f2a9a52-3a1e-4d5c-9d3b-6f0f6ad4b2d1',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      containers: [{ name: 'agent', image: 'registry.example/agent:1.0', env }],
      restartPolicy: 'Always',
      tolerations: [
        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
      ],
      priority: 0,
    },
    status: {},
  };
}

function variable(index: number, length: number): { name: string; value: string } {
  return { name: `VARIABLE_${String(index).padStart(6, '0')}`, value: 'x'.repeat(length) };
}
