import * as fc from 'fast-check';

type Json = Record<string, unknown>;

/** Leaves out some of the fields. */
function some(model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Json> {
  return fc.record(model, { requiredKeys: [] });
}

const word = fc.constantFrom(
  'agent',
  'linux',
  'yes',
  '1.0',
  '0644',
  'a: b',
  '# no',
  '',
  'ü',
  "it's",
  '"x"',
  '- x',
);
const profile = fc.constantFrom('runtime/default', 'docker/default', 'unconfined', 'localhost/x', 'nothing');

const nodeKey = fc.constantFrom(
  'beta.kubernetes.io/os',
  'kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/zone',
  'node-role.kubernetes.io/master',
  'disktype',
);
const taint = fc.constantFrom(
  'node-role.kubernetes.io/master',
  'node-role.kubernetes.io/control-plane',
  'node.alpha.kubernetes.io/notReady',
  'dedicated',
);
const toleration = fc
  .tuple(taint, some({ operator: fc.constant('Exists'), effect: fc.constantFrom('NoSchedule', 'NoExecute') }))
  .map(([key, rest]) => ({ key, ...rest }));

const annotations = some({
  'example.com/note': word,
  'scheduler.alpha.kubernetes.io/critical-pod': fc.constantFrom('', 'true'),
  'scheduler.alpha.kubernetes.io/tolerations': fc.oneof(
    fc.array(toleration, { maxLength: 2 }).map((list) => JSON.stringify(list, undefined, 2)),
    fc.constant('{'),
  ),
  'scheduler.alpha.kubernetes.io/affinity': fc.constantFrom(
    '{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"beta.kubernetes.io/arch","operator":"Exists"}]}]}}}',
    'no',
  ),
  'seccomp.security.alpha.kubernetes.io/pod': profile,
  'container.seccomp.security.alpha.kubernetes.io/agent': profile,
  'container.apparmor.security.beta.kubernetes.io/agent': profile,
  'container.apparmor.security.beta.kubernetes.io/gone': profile,
  'pod.beta.kubernetes.io/init-containers': fc.constantFrom('[{"name":"init","image":"init:1"}]', '[1]'),
  'pod.beta.kubernetes.io/hostname': fc.constant('agent'),
});

const container = some({
  image: fc.constant('agent:1'),
  command: fc.constantFrom(['sh', '-c', 'set -e\n\nrun --forever\n'], ['run']),
  securityContext: some({
    privileged: fc.boolean(),
    seccompProfile: fc.constant({ type: 'RuntimeDefault' }),
  }),
}).map((rest) => ({ name: 'agent', ...rest }));

const labelSelector = { matchLabels: { 'beta.kubernetes.io/os': 'of a pod' } };
const affinity = nodeKey.map((key) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key, operator: 'Exists' }] }],
    },
  },
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: key, labelSelector }],
  },
}));

const podSpec = fc
  .tuple(
    fc.array(container, { minLength: 1, maxLength: 2 }),
    some({
      serviceAccount: fc.constantFrom('agent', 'other'),
      serviceAccountName: fc.constant('agent'),
      priorityClassName: fc.constant('system-node-critical'),
      nodeSelector: fc.dictionary(nodeKey, word, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      tolerations: fc.array(toleration, { minLength: 1, maxLength: 3 }),
      securityContext: fc.constantFrom({}, { runAsUser: 0 }),
      affinity,
    }),
  )
  .map(([containers, rest]) => ({ containers, ...rest }));

const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'app.kubernetes.io/name'), word, {
  minKeys: 1,
  maxKeys: 2,
  noNullPrototype: true,
});

/** A DaemonSet as it may have been written for a version of the past, or of today. */
export const oldDaemonSet: fc.Arbitrary<Json> = fc
  .record({
    apiVersion: fc.constantFrom('extensions/v1beta1', 'apps/v1beta2', 'apps/v1'),
    metadata: some({
      namespace: fc.constantFrom('kube-system', 'monitoring'),
      labels: fc.oneof(labels, fc.constant({})),
      annotations: some({
        'example.com/note': word,
        'deprecated.daemonset.template.generation': fc.constant('7'),
      }),
    }),
    spec: some({
      selector: fc.constant({ matchLabels: { app: 'agent' } }),
      templateGeneration: fc.nat(9),
      updateStrategy: some({
        type: fc.constantFrom('RollingUpdate', 'OnDelete'),
        rollingUpdate: fc.constant({ maxUnavailable: 2 }),
      }),
      minReadySeconds: fc.nat(9),
    }),
    labels,
    annotations,
    podSpec,
  })
  .map(({ apiVersion, metadata, spec, labels, annotations, podSpec }) => ({
    apiVersion,
    kind: 'DaemonSet',
    metadata: { name: 'agent', ...metadata },
    spec: { ...spec, template: { metadata: { labels, annotations }, spec: podSpec } },
  }));
