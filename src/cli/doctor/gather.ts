import {
  DAEMONSETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  LEASES,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  NAMESPACES,
  PODS,
  type ResourceKind,
  SERVICES,
  STATEFULSETS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '../../api/kinds.ts';
import type { StringMap } from '../../api/meta.ts';
import type { Backend, DaemonSetFacts, Evidence, Installation } from '../../core/doctor/evidence.ts';
import {
  type HookKind,
  hooksOf,
  type ServiceReference,
  type WebhookConfiguration,
} from '../../core/doctor/hook.ts';
import {
  distinct,
  makerOf,
  makerOfPod,
  type PodMaker,
  type RawPod,
  type RawWorkload,
} from '../../core/doctor/pod-maker.ts';
import { daemonSetFacts, leaseFacts } from '../../core/doctor/read-facts.ts';
import { formatSelector } from '../../core/scheduling/format-selector.ts';
import { selectorMatches } from '../../core/scheduling/label-selector.ts';
import type { Reader } from '../reader.ts';

type RawService = { readonly spec?: { readonly selector?: StringMap } };
type RawSlice = {
  /** The API server writes null for none. */
  readonly endpoints: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
};
type RawNamespace = { readonly metadata: { readonly name: string; readonly labels?: StringMap } };
type RawDaemonSet = RawWorkload & Parameters<typeof daemonSetFacts>[0];

/** Static pods belong here by custom; to look everywhere would be to read every pod of the cluster. */
const STATIC_PODS_NAMESPACE = 'kube-system';

/** Looks at everything that a diagnosis needs, in as few lists as will do. */
export async function gather(reader: Reader, installation: Installation): Promise<Evidence> {
  const configurations = [
    ...(await configurationsOf(reader, 'MutatingWebhookConfiguration', MUTATING_WEBHOOK_CONFIGURATIONS)),
    ...(await configurationsOf(reader, 'ValidatingWebhookConfiguration', VALIDATING_WEBHOOK_CONFIGURATIONS)),
  ];
  const namespaces = await reader.list(NAMESPACES, {}, ({ metadata }: RawNamespace) => {
    return [metadata.name, metadata.labels ?? {}] as const;
  });
  const daemonSets = await reader.list(DAEMONSETS, {}, (raw: RawDaemonSet) => ({
    maker: makerOf('DaemonSet', raw),
    facts: daemonSetFacts(raw),
  }));
  const makers = (daemonSets ?? []).map(({ maker }) => maker);
  const lease = await reader.get<Parameters<typeof leaseFacts>[0]>(LEASES, {
    namespace: installation.namespace,
    name: installation.leaseName,
  });
  return {
    configurations,
    namespaces: new Map(namespaces ?? []),
    agents: [...makers.filter((maker) => !isProbe(maker, installation)), ...(await staticPods(reader))],
    daemonSets: (daemonSets ?? []).map(({ facts }): DaemonSetFacts => facts),
    backends: await backendsOf(reader, configurations, makers),
    installation,
    ...(lease && { lease: leaseFacts(lease) }),
    notRead: reader.notRead,
  };
}

/** Items of a list do not say what they are. */
async function configurationsOf(
  reader: Reader,
  kind: HookKind,
  resource: ResourceKind,
): Promise<readonly WebhookConfiguration[]> {
  const found = await reader.list(resource, {}, (raw: Omit<WebhookConfiguration, 'kind'>) => ({
    ...raw,
    kind,
  }));
  return found ?? [];
}

/** It matches no node, so there is nothing to come back. */
function isProbe({ namespace, name }: PodMaker, installation: Installation): boolean {
  return namespace === installation.namespace && name === `${installation.leaseName}-probe`;
}

async function staticPods(reader: Reader): Promise<readonly PodMaker[]> {
  const makers = await reader.list(PODS, { namespace: STATIC_PODS_NAMESPACE }, makerOfPod);
  return distinct((makers ?? []).filter(({ isStatic }) => isStatic));
}

async function backendsOf(
  reader: Reader,
  configurations: readonly WebhookConfiguration[],
  daemonSets: readonly PodMaker[],
): Promise<ReadonlyMap<string, Backend>> {
  const services = new Map<string, ServiceReference>();
  for (const { backend, clientConfig } of hooksOf(configurations)) {
    if (backend !== undefined && clientConfig?.service) services.set(backend, clientConfig.service);
  }
  const backends = new Map<string, Backend>();
  for (const [key, { namespace, name }] of services) {
    backends.set(key, await backendOf(reader, { namespace, name }, daemonSets));
  }
  return backends;
}

async function backendOf(
  reader: Reader,
  key: { readonly namespace: string; readonly name: string },
  daemonSets: readonly PodMaker[],
): Promise<Backend> {
  const service = await reader.get<RawService>(SERVICES, key);
  if (service === undefined) return { ...key, hasSelector: false };
  if (service === null) return { ...key, exists: false, hasSelector: false };
  const ready = await reader.list(
    ENDPOINT_SLICES,
    { namespace: key.namespace, labelSelector: `kubernetes.io/service-name=${key.name}` },
    // What says nothing about its readiness counts as ready.
    ({ endpoints }: RawSlice) =>
      (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).length,
  );
  const selector = service.spec?.selector ?? {};
  const hasSelector = Object.keys(selector).length > 0;
  const makers = hasSelector ? await makersBehind(reader, key.namespace, selector, daemonSets) : undefined;
  return {
    ...key,
    exists: true,
    hasSelector,
    ...(makers && { makers }),
    ...(ready && { readyEndpoints: ready.reduce((sum, count) => sum + count, 0) }),
  };
}

/** Workloads whose pods the Service selects, whether they have any now or not; then what else made its pods. */
async function makersBehind(
  reader: Reader,
  namespace: string,
  selector: StringMap,
  daemonSets: readonly PodMaker[],
): Promise<readonly PodMaker[] | undefined> {
  const workloads = (kind: ResourceKind): Promise<readonly PodMaker[] | undefined> =>
    reader.list(kind, { namespace }, (raw: RawWorkload) => makerOf(kind.kind, raw));
  const known = [await workloads(DEPLOYMENTS), await workloads(STATEFULSETS)];
  const templated = [...known.flatMap((each) => each ?? []), ...daemonSets].filter(
    (maker) => maker.namespace === namespace && selectorMatches({ matchLabels: selector }, maker.podLabels),
  );
  const labelSelector = formatSelector({ matchLabels: selector });
  const pods = await reader.list(PODS, { namespace, labelSelector }, (raw: RawPod) => makerOfPod(raw));
  const others = distinct(pods ?? []).filter((maker) => !isMadeBy(maker, templated));
  const makers = [...templated, ...others];
  return makers.length === 0 && [...known, pods].includes(undefined) ? undefined : makers;
}

/** A Deployment's pods are controlled by a ReplicaSet that carries its name and a hash. */
function isMadeBy({ kind, name }: PodMaker, makers: readonly PodMaker[]): boolean {
  return makers.some((maker) =>
    kind === 'ReplicaSet' && maker.kind === 'Deployment'
      ? name.startsWith(`${maker.name}-`)
      : kind === maker.kind && name === maker.name,
  );
}
