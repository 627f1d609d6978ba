import { MIRROR_POD_ANNOTATION } from '../api/keys.ts';
import type { LabelSelector } from '../api/meta.ts';
import { MUTATING_WEBHOOK_CONFIGURATIONS, VALIDATING_WEBHOOK_CONFIGURATIONS } from '../api/kinds.ts';
import type { Client } from '../kube/client.ts';
import { isNotFound } from '../kube/errors.ts';
import { MUTATE_PATH, VALIDATE_PATH } from './server.ts';

/** How the API server reaches the webhook. */
export type Endpoint =
  | { readonly url: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } };

export type RegistrationOptions = {
  readonly endpoint: Endpoint;
  /** PEM of the authorities that the API server shall trust. */
  readonly ca: string;
  /** `Ignore`: while no webhook answers, the cluster goes on as if there were none. */
  readonly failurePolicy: 'Ignore' | 'Fail';
  /** Which namespaces are asked about; absent: all of them. */
  readonly namespaceSelector?: LabelSelector;
};

/** Name of both configurations. */
const CONFIGURATION_NAME = 'everynode';
const LABELS = {
  'app.kubernetes.io/name': 'everynode',
  'app.kubernetes.io/component': 'webhook',
  'app.kubernetes.io/part-of': 'everynode',
};
const FIELD_MANAGER = 'everynode';
const TIMEOUT_SECONDS = 5;

type MatchCondition = { readonly name: string; readonly expression: string };

/** Keeps away every Pod that no DaemonSet controls, so that nothing else in the cluster waits for us. */
const DAEMON_PODS: readonly MatchCondition[] = [
  {
    name: 'controlled-by-a-daemonset',
    expression:
      'has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(owner, ' +
      'has(owner.controller) && owner.controller && owner.kind == "DaemonSet" && owner.apiVersion.startsWith("apps/"))',
  },
  {
    name: 'not-a-mirror-pod',
    expression: `!has(object.metadata.annotations) || !("${MIRROR_POD_ANNOTATION}" in object.metadata.annotations)`,
  },
];

/** Finalizers come off a DaemonSet that is being deleted even while no webhook answers. */
const LIVE_DAEMONSETS: readonly MatchCondition[] = [
  {
    name: 'not-being-deleted',
    expression: 'request.operation != "UPDATE" || !has(oldObject.metadata.deletionTimestamp)',
  },
];

/** The two configurations as they are applied. */
export function webhookConfigurations(options: RegistrationOptions): readonly object[] {
  return [
    configuration('MutatingWebhookConfiguration', [
      { ...daemonSets(MUTATE_PATH, options), reinvocationPolicy: 'Never' },
      // Another webhook may take the affinity away again after us.
      { ...pods(MUTATE_PATH, options), reinvocationPolicy: 'IfNeeded' },
    ]),
    configuration('ValidatingWebhookConfiguration', [
      daemonSets(VALIDATE_PATH, options),
      pods(VALIDATE_PATH, options),
    ]),
  ];
}

/** Puts both configurations in place; fields that others set on them stay. */
export async function registerWebhooks(
  client: Pick<Client, 'patch'>,
  options: RegistrationOptions,
): Promise<void> {
  const [mutating, validating] = webhookConfigurations(options);
  const apply = { type: 'apply', fieldManager: FIELD_MANAGER, force: true } as const;
  await client.patch(MUTATING_WEBHOOK_CONFIGURATIONS, { name: CONFIGURATION_NAME }, mutating, apply);
  await client.patch(VALIDATING_WEBHOOK_CONFIGURATIONS, { name: CONFIGURATION_NAME }, validating, apply);
}

/**
 * Takes both configurations away; it is fine if they are gone.
 *
 * @throws what the first deletion that failed threw, once both were tried.
 */
export async function unregisterWebhooks(client: Pick<Client, 'delete'>): Promise<void> {
  const kinds = [MUTATING_WEBHOOK_CONFIGURATIONS, VALIDATING_WEBHOOK_CONFIGURATIONS];
  const results = await Promise.allSettled(
    kinds.map((kind) => client.delete(kind, { name: CONFIGURATION_NAME })),
  );
  const failed = results.find((result) => result.status === 'rejected' && !isNotFound(result.reason));
  if (failed?.status === 'rejected') throw failed.reason as Error;
}

function configuration(kind: string, webhooks: readonly object[]): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: CONFIGURATION_NAME, labels: LABELS },
    webhooks,
  };
}

function daemonSets(path: string, options: RegistrationOptions): object {
  return {
    ...common(path, options),
    name: 'daemonsets.everynode.dev',
    rules: [rule('apps', 'v1', 'daemonsets', ['CREATE', 'UPDATE'])],
    matchConditions: LIVE_DAEMONSETS,
  };
}

function pods(path: string, options: RegistrationOptions): object {
  return {
    ...common(path, options),
    name: 'pods.everynode.dev',
    rules: [rule('', 'v1', 'pods', ['CREATE'])],
    matchConditions: DAEMON_PODS,
  };
}

function common(
  path: string,
  { endpoint, ca, failurePolicy, namespaceSelector }: RegistrationOptions,
): object {
  const target =
    'url' in endpoint
      ? { url: endpoint.url.replace(/\/+$/, '') + path }
      : { service: { ...endpoint.service, path } };
  return {
    clientConfig: { ...target, caBundle: Buffer.from(ca).toString('base64') },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    matchPolicy: 'Equivalent',
    failurePolicy,
    timeoutSeconds: TIMEOUT_SECONDS,
    ...(namespaceSelector && { namespaceSelector }),
  };
}

function rule(group: string, version: string, resource: string, operations: readonly string[]): object {
  return {
    apiGroups: [group],
    apiVersions: [version],
    resources: [resource],
    operations,
    scope: 'Namespaced',
  };
}
