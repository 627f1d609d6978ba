import type { LabelSelector } from '../api/meta.ts';
import {
  DAEMON_PODS,
  LIVE_DAEMONSETS,
  type MatchCondition,
  NOT_A_MIRROR_POD,
} from '../core/admission/cel/match-conditions.ts';
import { MUTATE_PATH, VALIDATE_PATH } from './paths.ts';

/** How the API server reaches the webhook. */
export type Endpoint =
  | { readonly url: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } };

export type FailurePolicy = 'Ignore' | 'Fail';

/** What the two configurations depend on. */
export type EntryOptions = {
  /** Name of both configurations. */
  readonly name: string;
  readonly endpoint: Endpoint;
  /** PEM of the authorities that the API server shall trust; absent where somebody else writes them. */
  readonly ca?: string;
  /** For DaemonSets. `Ignore`: while no webhook answers, the cluster goes on as if there were none. */
  readonly failurePolicy: FailurePolicy;
  /** Where DaemonSets fail open whatever the failure policy: a cluster heals from there. */
  readonly systemNamespaces: readonly string[];
  /** Whether the pod templates of other kinds are judged too. */
  readonly workloads: boolean;
};

const LABELS = {
  'app.kubernetes.io/name': 'everynode',
  'app.kubernetes.io/component': 'webhook',
  'app.kubernetes.io/part-of': 'everynode',
};
const TIMEOUT_SECONDS = 5;
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** Pods that somebody makes by hand. Those of other controllers are judged by their templates. */
const BARE_PODS: readonly MatchCondition[] = [
  {
    name: 'not-controlled',
    expression:
      '!has(object.metadata.ownerReferences) || !object.metadata.ownerReferences.exists(owner, ' +
      'has(owner.controller) && owner.controller)',
  },
  { name: 'labelled', expression: 'has(object.metadata.labels) && size(object.metadata.labels) > 0' },
  NOT_A_MIRROR_POD,
];

/** What something else made is its maker's business, whose template is judged. */
const OWN_WORKLOADS: readonly MatchCondition[] = [
  {
    name: 'not-controlled',
    expression: BARE_PODS[0]?.expression ?? 'true',
  },
];

/** The mutating and the validating configuration, as they are applied. */
export function webhookConfigurations(options: EntryOptions): readonly [object, object] {
  return [
    configuration('MutatingWebhookConfiguration', options, [
      ...daemonSets(MUTATE_PATH, ['CREATE', 'UPDATE'], options).map((entry) => ({
        ...entry,
        reinvocationPolicy: 'Never',
      })),
      // Another webhook may take the affinity away again after us.
      { ...daemonPods(MUTATE_PATH, options), reinvocationPolicy: 'IfNeeded' },
    ]),
    configuration('ValidatingWebhookConfiguration', options, [
      ...daemonSets(VALIDATE_PATH, ['CREATE', 'UPDATE', 'DELETE'], options),
      daemonPods(VALIDATE_PATH, options),
      barePods(options),
      workloads(options),
    ]),
  ];
}

function configuration(kind: string, { name }: EntryOptions, webhooks: readonly object[]): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name, labels: LABELS },
    webhooks,
  };
}

function daemonSets(path: string, operations: readonly string[], options: EntryOptions): readonly object[] {
  const { failurePolicy, systemNamespaces } = options;
  const entry = {
    rules: [rule('apps', ['daemonsets'], operations)],
    matchConditions: LIVE_DAEMONSETS,
  };
  const named = (name: string, policy: FailurePolicy, namespaceSelector?: LabelSelector): object => ({
    name,
    ...common(path, options),
    failurePolicy: policy,
    ...(namespaceSelector && { namespaceSelector }),
    ...entry,
  });
  if (systemNamespaces.length === 0) return [named('daemonsets.everynode.dev', failurePolicy)];
  return [
    named('daemonsets.everynode.dev', failurePolicy, namespaces('NotIn', systemNamespaces)),
    named('system-daemonsets.everynode.dev', 'Ignore', namespaces('In', systemNamespaces)),
  ];
}

/** Fails open always: a node without its agents is worse than an agent that nobody checked. */
function daemonPods(path: string, options: EntryOptions): object {
  return {
    name: 'pods.everynode.dev',
    ...common(path, options),
    failurePolicy: 'Ignore',
    rules: [rule('', ['pods'], ['CREATE'])],
    matchConditions: DAEMON_PODS,
  };
}

function barePods(options: EntryOptions): object {
  return {
    name: 'bare-pods.everynode.dev',
    ...common(VALIDATE_PATH, options),
    failurePolicy: 'Ignore',
    rules: [rule('', ['pods'], ['CREATE'])],
    matchConditions: BARE_PODS,
  };
}

/**
 * Without rules where it is not wanted, and never absent: an entry cannot be taken away by server-side apply as long as
 * its caBundle has another owner, and a chart that tried would be refused.
 */
function workloads(options: EntryOptions): object {
  return {
    name: 'workloads.everynode.dev',
    ...common(VALIDATE_PATH, options),
    failurePolicy: 'Ignore',
    ...(options.workloads && {
      rules: [
        rule('apps', ['deployments', 'replicasets', 'statefulsets'], ['CREATE', 'UPDATE']),
        rule('batch', ['jobs'], ['CREATE', 'UPDATE']),
        rule('', ['replicationcontrollers'], ['CREATE', 'UPDATE']),
      ],
    }),
    matchConditions: OWN_WORKLOADS,
  };
}

function common(path: string, { endpoint, ca }: EntryOptions): object {
  const target =
    'url' in endpoint
      ? { url: endpoint.url.replace(/\/+$/, '') + path }
      : { service: { ...endpoint.service, path } };
  return {
    clientConfig: { ...target, ...(ca !== undefined && { caBundle: Buffer.from(ca).toString('base64') }) },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    matchPolicy: 'Equivalent',
    timeoutSeconds: TIMEOUT_SECONDS,
  };
}

function namespaces(operator: string, values: readonly string[]): LabelSelector {
  return { matchExpressions: [{ key: NAMESPACE_NAME_LABEL, operator, values }] };
}

function rule(group: string, resources: readonly string[], operations: readonly string[]): object {
  return {
    apiGroups: [group],
    apiVersions: ['v1'],
    resources,
    operations,
    scope: 'Namespaced',
  };
}
