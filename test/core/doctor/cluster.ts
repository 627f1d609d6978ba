import type { StringMap } from '../../../src/api/meta.ts';
import type { Backend, Evidence } from '../../../src/core/doctor/evidence.ts';
import type { Hook, RawHook, WebhookConfiguration } from '../../../src/core/doctor/hook.ts';
import { hooksOf } from '../../../src/core/doctor/hook.ts';
import type { PodMaker } from '../../../src/core/doctor/pod-maker.ts';

const ALL_PODS = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];

/** An entry that fails closed on every Pod of the cluster, served by Service `policy/engine`. */
export function entry(overrides: Partial<RawHook> = {}): RawHook {
  return {
    name: 'check.engine.example',
    failurePolicy: 'Fail',
    rules: ALL_PODS,
    clientConfig: { service: { namespace: 'policy', name: 'engine' }, caBundle: 'unread' },
    timeoutSeconds: 10,
    ...overrides,
  };
}

export function configuration(
  name: string,
  webhooks: readonly RawHook[],
  kind: WebhookConfiguration['kind'] = 'ValidatingWebhookConfiguration',
): WebhookConfiguration {
  return { kind, metadata: { name }, webhooks };
}

export function hook(overrides: Partial<RawHook> = {}): Hook {
  const [only] = hooksOf([configuration('engine', [entry(overrides)])]);
  if (!only) throw new Error('there is one');
  return only;
}

export function maker(overrides: Partial<PodMaker> = {}): PodMaker {
  return {
    kind: 'DaemonSet',
    namespace: 'monitoring',
    name: 'agent',
    podLabels: { app: 'agent' },
    hostNetwork: false,
    givesPodNetwork: false,
    isStatic: false,
    ...overrides,
  };
}

/** A Service with a Deployment behind it, both of that name. */
export function backend(namespace: string, name: string, overrides: Partial<Backend> = {}): Backend {
  const behind = maker({ kind: 'Deployment', namespace, name, podLabels: { app: name } });
  return {
    namespace,
    name,
    exists: true,
    hasSelector: true,
    makers: [behind],
    readyEndpoints: 2,
    ...overrides,
  };
}

export function named(...backends: readonly Backend[]): ReadonlyMap<string, Backend> {
  return new Map(backends.map((each) => [`${each.namespace}/${each.name}`, each]));
}

/** A cluster with nothing in it but what is given. */
export function evidence(parts: Partial<Evidence> = {}): Evidence {
  return {
    configurations: [],
    namespaces: new Map(),
    agents: [],
    daemonSets: [],
    backends: new Map(),
    installation: {
      configurationName: 'everynode',
      namespace: 'everynode-system',
      leaseName: 'everynode-sync',
    },
    notRead: [],
    ...parts,
  };
}

export function namespaces(byName: Readonly<Record<string, StringMap>>): ReadonlyMap<string, StringMap> {
  return new Map(
    Object.entries(byName).map(([name, labels]) => [
      name,
      { 'kubernetes.io/metadata.name': name, ...labels },
    ]),
  );
}

/** Keeps namespaces out, as vendors write it. */
export function notIn(...names: readonly string[]): NonNullable<RawHook['namespaceSelector']> {
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: names }] };
}
