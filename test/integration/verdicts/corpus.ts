import * as fc from 'fast-check';

/** A DaemonSet or Pod that somebody sends, as JSON. */
export type Case = {
  readonly kind: 'DaemonSet' | 'Pod';
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  /** DeleteOptions. */
  readonly options?: object;
  readonly object: { readonly metadata: { readonly name: string }; readonly [field: string]: unknown };
};

const SEED = 20_261_121;

type Parts = {
  readonly selector?: unknown;
  readonly labels?: unknown;
  readonly annotations?: unknown;
  readonly ownLabels?: unknown;
  readonly more?: object;
  readonly updateStrategy?: unknown;
  readonly podSpec?: object;
};

const APP = { app: 'agent' };
const BY_APP = { matchLabels: APP };

function daemonSet(name: string, parts: Parts): Case['object'] {
  const { selector = BY_APP, labels = APP, annotations, ownLabels, updateStrategy, podSpec, more } = parts;
  return sent({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'default', annotations, labels: ownLabels },
    spec: {
      selector,
      ...more,
      updateStrategy,
      template: { metadata: { labels }, spec: { containers: [container({})], ...podSpec } },
    },
  });
}

function container(more: object): object {
  return { name: 'agent', image: 'registry.k8s.io/pause:3.10', ...more };
}

/** What is undefined is left out, as on the wire. */
function sent(object: object): Case['object'] {
  return JSON.parse(JSON.stringify(object)) as Case['object'];
}

const by = (key: string, operator: string, ...values: readonly string[]): object => ({
  key,
  operator,
  values,
});
const nodeAffinity = (requirement: object): object => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [requirement] }],
    },
  },
});
const rolling = (rollingUpdate: object): object => ({ type: 'RollingUpdate', rollingUpdate });
const SURGE = rolling({ maxUnavailable: 0, maxSurge: '10%' });
const withPorts = (ports: readonly object[], more: object = {}): object => ({
  ...more,
  containers: [container({}), container({ name: 'second', ports })],
});

/** Those of test/core/admission/rules that an API server can be sent. */
const EDGES: readonly Parts[] = [
  {},
  { selector: {} },
  { selector: { matchLabels: {}, matchExpressions: [] } },
  { selector: null },
  { labels: {} },
  { labels: null },
  { selector: { matchLabels: { app: 'other' } } },
  { selector: { matchLabels: { constructor: 'a' } } },
  { selector: { matchExpressions: [by('app', 'NotIn', 'agent')] } },
  { selector: { matchExpressions: [by('app', 'DoesNotExist')] } },
  { selector: { matchExpressions: [by('tier', 'Exists')] } },
  { selector: { matchExpressions: [by('app', 'In', 'agent', 'other'), by('tier', 'DoesNotExist')] } },
  ...['Never', 'OnFailure', 'Always', ''].map((restartPolicy) => ({ podSpec: { restartPolicy } })),
  ...[0, 600, null].map((activeDeadlineSeconds) => ({ podSpec: { activeDeadlineSeconds } })),
  ...[-1, -2, 0, 5].flatMap((value) => [
    { more: { minReadySeconds: value } },
    { more: { revisionHistoryLimit: value } },
    { more: { minReadySeconds: value, revisionHistoryLimit: value } },
  ]),
  ...[1, 2, 3, 4, 5].map((count) => ({
    podSpec: {
      ephemeralContainers: Array.from({ length: count }, (_, at) => ({
        ...container({ name: `debug-${at}` }),
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'Always',
      })),
    },
  })),
  { podSpec: { ephemeralContainers: [] } },
  ...['-', '-a', 'a b', 'x'.repeat(64), 'a/'].flatMap((bad) => [
    { selector: { matchLabels: { ...APP, tier: bad } }, labels: { ...APP, tier: bad } },
    { selector: { ...BY_APP, matchExpressions: [by(bad, 'DoesNotExist')] } },
  ]),
  { selector: { ...BY_APP, matchExpressions: [by('tier', 'NotIn', 'a b')] } },
  { selector: { ...BY_APP, matchExpressions: [by('app', 'In')] } },
  { selector: { ...BY_APP, matchExpressions: [by('app', 'Exists', 'x')] } },
  { selector: { ...BY_APP, matchExpressions: [by('app', 'Near', 'x')] } },
  ...[
    by('disk', 'In', 'ssd'),
    by('disk', 'In'),
    by('disk', 'NotIn'),
    by('disk', 'Exists'),
    by('disk', 'Exists', 'ssd'),
    by('disk', 'DoesNotExist', 'ssd'),
    by('size', 'Gt', '5'),
    by('size', 'Lt', '5', '6'),
    by('size', 'Gt'),
    by('disk', 'Is', 'ssd'),
  ].map((requirement) => ({ podSpec: { affinity: nodeAffinity(requirement) } })),
  { updateStrategy: { type: 'Recreate' } },
  { updateStrategy: { type: 'OnDelete', rollingUpdate: { maxUnavailable: 'x' } } },
  { updateStrategy: { type: '' } },
  { updateStrategy: { type: 'RollingUpdate' } },
  ...[
    { maxUnavailable: -1 },
    { maxUnavailable: '10' },
    { maxUnavailable: 0 },
    { maxSurge: 1 },
    { maxUnavailable: 0, maxSurge: '101%' },
    { maxUnavailable: '10%', maxSurge: '10%' },
    { maxUnavailable: '0%', maxSurge: '00%' },
    { maxUnavailable: '0%', maxSurge: '10%' },
    { maxUnavailable: '100%' },
  ].map((limits) => ({ updateStrategy: rolling(limits) })),
  { updateStrategy: SURGE, podSpec: withPorts([{ containerPort: 80 }, { containerPort: 90, hostPort: 90 }]) },
  { updateStrategy: SURGE, podSpec: withPorts([{ containerPort: 9100 }], { hostNetwork: true }) },
  {
    updateStrategy: SURGE,
    podSpec: withPorts([{ containerPort: 9100, hostPort: 9100 }], { hostNetwork: true }),
  },
  { updateStrategy: SURGE, podSpec: withPorts([{ containerPort: 80 }]) },
  ...['Always', undefined].map((restartPolicy) => ({
    updateStrategy: SURGE,
    podSpec: {
      initContainers: [
        container({ name: 'first', restartPolicy, ports: [{ containerPort: 80, hostPort: 80 }] }),
      ],
    },
  })),
  {
    updateStrategy: rolling({ maxUnavailable: 0, maxSurge: 1 }),
    podSpec: withPorts([{ containerPort: 80, hostPort: 80 }]),
  },
  {
    updateStrategy: rolling({ maxUnavailable: 1, maxSurge: '0%' }),
    podSpec: withPorts([{ containerPort: 80, hostPort: 80 }]),
  },
  { updateStrategy: { type: 'OnDelete' }, podSpec: withPorts([{ containerPort: 80, hostPort: 80 }]) },
  ...['Direct', 'node', '', 'direct', 'scheduler', 'a\nb', 'x'.repeat(6_000)].map((placement) => ({
    annotations: { 'everynode.dev/placement': placement },
  })),
];

const often = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...others) },
  );

const requirements = fc.oneof(
  fc.record({
    key: fc.constantFrom('app', 'tier'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom('agent', 'other', 'node'), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key: fc.constantFrom('app', 'tier'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const selectors = fc.oneof(
  { weight: 4, arbitrary: fc.constant<unknown>(BY_APP) },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        matchLabels: fc.constantFrom({}, APP, { app: 'other' }, { ...APP, tier: 'node' }),
        matchExpressions: fc.array(requirements, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
);
const limits = fc.constantFrom<unknown>(undefined, 0, 1, 3, '0%', '10%', '100%', '101%', '00%', 'x', -1);
const strategies = fc.oneof(
  fc.constantFrom<unknown>(undefined, SURGE, SURGE, { type: 'OnDelete' }, { type: 'Recreate' }),
  fc.record({ maxUnavailable: limits, maxSurge: limits }).map(rolling),
);
const ports = fc.uniqueArray(
  fc.record({
    containerPort: fc.integer({ min: 1, max: 65_535 }),
    hostPort: fc.constantFrom(undefined, undefined, true),
  }),
  { maxLength: 3, selector: ({ containerPort }) => containerPort },
);
const podSpecs = fc
  .record({
    restartPolicy: often<unknown>(undefined, 'Always', 'Never', 'OnFailure'),
    activeDeadlineSeconds: often<unknown>(undefined, undefined, undefined, 5),
    hostNetwork: often<unknown>(undefined, true, false),
    ports,
  })
  .map(({ ports, ...spec }) =>
    withPorts(
      ports.map(({ containerPort, hostPort }) => ({ containerPort, hostPort: hostPort && containerPort })),
      spec,
    ),
  );
const daemonSets: fc.Arbitrary<Parts> = fc.record({
  selector: selectors,
  labels: often<unknown>(APP, { ...APP, tier: 'node' }, { app: 'other' }, {}),
  annotations: often<unknown>(
    undefined,
    ...['direct', 'Direct', 'nowhere'].map((placement) => ({ 'everynode.dev/placement': placement })),
  ),
  updateStrategy: strategies,
  podSpec: podSpecs,
});

/** DaemonSets to create. */
export function createdDaemonSets(count: number): readonly Case[] {
  const parts = [...EDGES, ...fc.sample(daemonSets, { numRuns: count, seed: SEED })];
  return parts.map((each, at) => ({
    kind: 'DaemonSet',
    operation: 'CREATE',
    object: daemonSet(`created-${at}`, each),
  }));
}

const STORED: readonly Parts[] = [
  {},
  { selector: { matchExpressions: [by('app', 'In', 'agent', 'other')] } },
  { selector: { matchExpressions: [by('app', 'Exists'), by('tier', 'DoesNotExist')] } },
  { selector: { ...BY_APP, matchExpressions: [by('tier', 'NotIn', 'x', 'y')] } },
  ...['true', 'false', ''].map((value) => ({ ownLabels: { 'everynode.dev/protected': value } })),
];

/** Deletions of those, in every way. */
export function deletedDaemonSets(): readonly Case[] {
  const ways: readonly object[] = [
    {},
    { propagationPolicy: 'Background' },
    { propagationPolicy: 'Foreground' },
    { propagationPolicy: 'Orphan' },
    { orphanDependents: true },
    { orphanDependents: false },
  ];
  return ways.flatMap((options) =>
    storedDaemonSets.map((object) => ({
      kind: 'DaemonSet' as const,
      operation: 'DELETE' as const,
      object,
      options,
    })),
  );
}

/** DaemonSets that have to be there before they can be updated; all match no node. */
export const storedDaemonSets: readonly Case['object'][] = STORED.map((parts, at) =>
  daemonSet(`stored-${at}`, { ...parts, podSpec: { nodeSelector: { none: 'such' } } }),
);

/** Updates of those: each gets each of these selectors, which are also its own, or its own in another order. */
export function updatedDaemonSets(count: number): readonly Case[] {
  const edges: readonly Parts[] = [
    ...STORED,
    { selector: { ...BY_APP, matchExpressions: [] } },
    { selector: { matchExpressions: [by('app', 'In', 'other', 'agent')] } },
    { selector: { matchExpressions: [by('tier', 'DoesNotExist'), by('app', 'Exists')] } },
    { selector: { ...BY_APP, matchExpressions: [by('tier', 'NotIn', 'y', 'x')] } },
    { selector: {} },
    ...fc.sample(daemonSets, { numRuns: count, seed: SEED + 1 }),
  ];
  return edges.flatMap((parts) =>
    STORED.map((_, at) => ({
      kind: 'DaemonSet' as const,
      operation: 'UPDATE' as const,
      object: daemonSet(`stored-${at}`, parts),
    })),
  );
}

const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'a-uid', controller: true };
const nodeNames = fc.constantFrom('a', 'b');
const byName = fc.record({
  key: fc.constant('metadata.name'),
  operator: fc.constantFrom('In', 'In', 'In', 'NotIn'),
  values: nodeNames.map((name) => [name]),
});
const terms = fc.record(
  {
    matchFields: fc.array(byName, { minLength: 1, maxLength: 2 }),
    matchExpressions: fc.constant([{ key: 'zone', operator: 'Exists' }]),
  },
  { requiredKeys: [] },
);
const pods = fc.record({
  nodeName: often<string | undefined>(undefined, 'a', 'b'),
  annotations: often<unknown>(
    undefined,
    ...['a', 'b', 'a.b', '', 'No Node', '-a', 'x'.repeat(254)].map((node) => ({
      'everynode.dev/node': node,
    })),
    { 'kubernetes.io/config.mirror': 'hash' },
  ),
  terms: fc.option(fc.array(terms, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  owners: often<unknown>(
    [owner],
    [owner],
    [{ ...owner, apiVersion: 'apps/v1beta2' }],
    [{ ...owner, apiVersion: 'example.com/v1' }],
    [{ ...owner, kind: 'ReplicaSet' }],
    [{ ...owner, controller: false }],
    [
      { ...owner, controller: undefined },
      { ...owner, uid: 'another', name: 'another' },
    ],
    undefined,
  ),
});

/** Pods to create, most of them controlled by a DaemonSet. */
export function createdPods(count: number): readonly Case[] {
  return fc.sample(pods, { numRuns: count, seed: SEED + 2 }).map(({ terms, owners, ...parts }, at) => ({
    kind: 'Pod',
    operation: 'CREATE',
    object: sent({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `pod-${at}`,
        namespace: 'default',
        ownerReferences: owners,
        annotations: parts.annotations,
      },
      spec: {
        nodeName: parts.nodeName,
        affinity: terms && {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
        },
        automountServiceAccountToken: false,
        containers: [container({})],
      },
    }),
  }));
}
