import type { DaemonSet } from '../../api/daemonset.ts';
import type { StringMap } from '../../api/meta.ts';
import { type HostPort, hostPortsOf } from '../admission/host-ports.ts';
import { selectorMatches } from '../scheduling/label-selector.ts';

/** A Service as far as it leads to daemon pods. */
export type RawService = {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: {
    readonly selector?: StringMap;
    readonly clusterIP?: string;
    readonly internalTrafficPolicy?: string;
    readonly trafficDistribution?: string;
    readonly type?: string;
    readonly publishNotReadyAddresses?: boolean;
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
  };
};

/** A daemon Pod as far as it can be reached. */
export type ReachablePod = {
  readonly name: string;
  readonly node: string;
  readonly ready: boolean;
  /** Absent until the kubelet has started it. */
  readonly podIP?: string;
  readonly hostIP?: string;
  /** Ports of the node, such as `9100/TCP`. */
  readonly hostPorts: readonly string[];
};

type ServiceSpec = NonNullable<RawService['spec']>;

/** What a Service gives a client of the daemon pods. */
export type ServiceAnswer = {
  readonly name: string;
  readonly headless: boolean;
  /** Whether a client gets the pod of its own node, and no other. */
  readonly local: boolean;
  readonly ports: readonly string[];
  readonly explanation: string;
};

export type DaemonEndpoints = {
  /** `namespace/name`. */
  readonly daemonSet: string;
  /** In the order of their nodes; absent where they are not known. */
  readonly pods?: readonly ReachablePod[];
  /** Absent where they are not known. */
  readonly services?: readonly ServiceAnswer[];
  /** What to set so that a client reaches its own node's pod; empty where it can already, or where Services are not known. */
  readonly advice: readonly string[];
};

/** How the pods of a DaemonSet are reached: each by itself, all by name, and that of the client's own node. */
export function daemonEndpoints(
  daemonSet: DaemonSet,
  pods: readonly ReachablePod[] | undefined,
  services: readonly RawService[] | undefined,
): DaemonEndpoints {
  const { metadata, spec } = daemonSet;
  const labels = spec.template.metadata?.labels ?? {};
  const selecting = services?.filter((service) => selects(service, labels));
  const answers = selecting?.map(answerOf).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const isReached = selecting?.some(({ spec: service = {} }) => reachesOwnNode(service));
  return {
    daemonSet: `${metadata.namespace}/${metadata.name}`,
    ...(pods && { pods: pods.toSorted((a, b) => (a.node < b.node ? -1 : Number(a.node > b.node))) }),
    ...(answers && { services: answers }),
    advice: answers && !isReached ? adviceFor(daemonSet, answers, hostPortsOf(daemonSet)) : [],
  };
}

/** One that stands for a name elsewhere selects nothing, whatever its selector says. */
function selects({ spec = {} }: RawService, labels: StringMap): boolean {
  return spec.type !== 'ExternalName' && selectorMatches({ matchLabels: spec.selector ?? {} }, labels);
}

function answerOf({ metadata, spec = {} }: RawService): ServiceAnswer {
  const headless = isHeadless(spec);
  const local = !headless && isLocal(spec);
  const ports = (spec.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`);
  return {
    name: metadata.name,
    headless,
    local,
    ports,
    explanation: headless ? explainHeadless(metadata.name, spec) : explain(spec),
  };
}

function explainHeadless(name: string, { publishNotReadyAddresses = false }: ServiceSpec): string {
  const which = publishNotReadyAddresses ? 'all pods, ready or not' : 'all ready pods';
  return `headless: ${name} resolves to the addresses of ${which}; internalTrafficPolicy plays no part`;
}

function explain(spec: ServiceSpec): string {
  if (isLocal(spec)) {
    return 'internalTrafficPolicy is Local: a client gets the pod of its own node, or none where that is not ready';
  }
  return prefersOwnNode(spec)
    ? 'trafficDistribution is PreferSameNode: a client gets the pod of its own node, or that of another where it is not ready'
    : 'internalTrafficPolicy is Cluster: a client gets any pod, most often one of another node';
}

function isHeadless({ clusterIP }: ServiceSpec): boolean {
  return clusterIP === 'None';
}

function isLocal({ internalTrafficPolicy }: ServiceSpec): boolean {
  return internalTrafficPolicy === 'Local';
}

function prefersOwnNode({ trafficDistribution }: ServiceSpec): boolean {
  return trafficDistribution === 'PreferSameNode';
}

/** Whether a client is led to its own node's pod as long as that is ready. */
function reachesOwnNode(spec: ServiceSpec): boolean {
  return !isHeadless(spec) && (isLocal(spec) || prefersOwnNode(spec));
}

function adviceFor(
  { metadata: { name, namespace }, spec }: DaemonSet,
  services: readonly ServiceAnswer[],
  hostPorts: readonly HostPort[],
): readonly string[] {
  const cluster = services.find(({ headless }) => !headless);
  const viaHost =
    hostPorts.length > 0 ? ['or let it use status.hostIP of the downward API and a host port'] : [];
  if (cluster) {
    const patch = '{"spec":{"internalTrafficPolicy":"Local"}}';
    return [
      `for a client that is to reach its own node's pod: kubectl patch service ${cluster.name} -n ${namespace} -p '${patch}' (every client of that Service is concerned), or a second Service with it`,
      ...viaHost,
    ];
  }
  // A Service cannot say what a selector's expressions say.
  const { matchLabels = spec.template.metadata?.labels ?? {} } = spec.selector ?? {};
  const selector = Object.entries(matchLabels).map(([key, value]) => `${key}: ${value}`);
  return [
    `for a client that is to reach its own node's pod: a Service in ${namespace} with selector {${selector.join(', ')}}, internalTrafficPolicy: Local, and the ports of ${name}`,
    ...viaHost,
  ];
}
