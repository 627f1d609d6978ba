import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import type { PodSpec } from '../../api/pod.ts';
import { hostPortsOf, type HostPort, portsClash } from '../admission/host-ports.ts';
import { formatQuantity } from '../resources/quantity.ts';
import { difference, podRequests, type Resources, sum } from '../resources/requests.ts';
import { compileEligibility } from '../scheduling/eligibility.ts';

/** A Pod that is bound to a node and has not ended, as far as it takes room there. */
export type BoundPod = {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly controllerUid?: string;
  /** Its controller as people name it, such as `DaemonSet default/agent`. */
  readonly maker?: string;
  readonly requests: Resources;
  readonly hostPorts: readonly HostPort[];
  readonly priority: number;
};

/** What a node has for pods; absent where the node does not say. */
export type Allocatable = ReadonlyMap<string, Resources>;

/** Why a new pod would find no room on a node. */
export type Misfit = {
  readonly node: string;
  readonly lacks: readonly string[];
  /** Whether the scheduler makes room by evicting pods of lower priority. */
  readonly evicts: boolean;
};

/** A pod that is to be made on nodes. */
export type FreshPod = {
  readonly spec: PodSpec;
  readonly uid: string;
  /** Whether the pod that the node has of this DaemonSet stays until the new one is available. */
  readonly beside: boolean;
  /** Undefined where it is not known, or where it evicts nobody. */
  readonly priority: number | undefined;
};

const NOTHING: Resources = new Map();

/** The nodes on which the scheduler would find no room for the pod beside what is bound there, and what is lacking. */
export function misfits(
  { spec, uid, beside, priority = -Infinity }: FreshPod,
  nodes: readonly string[],
  allocatable: Allocatable,
  bound: readonly BoundPod[],
): readonly Misfit[] {
  const needs = podRequests(spec);
  const ports = hostPortsOf({ spec: { template: { spec } } });
  const others = Map.groupBy(
    bound.filter(({ controllerUid }) => beside || controllerUid !== uid),
    ({ node }) => node,
  );
  return nodes.flatMap((node) => {
    const there = others.get(node) ?? [];
    const lacksBeside = (pods: readonly BoundPod[]): readonly string[] => [
      ...lacking(needs, allocatable.get(node), pods),
      ...takenPorts(ports, pods),
    ];
    const lacks = lacksBeside(there);
    if (lacks.length === 0) return [];
    const staying = there.filter((pod) => pod.priority >= priority);
    return [{ node, lacks, evicts: staying.length < there.length && lacksBeside(staying).length === 0 }];
  });
}

function lacking(
  needs: Resources,
  allocatable: Resources | undefined,
  there: readonly BoundPod[],
): readonly string[] {
  if (!allocatable) return [];
  const free = difference(allocatable, there.map(({ requests }) => requests).reduce(sum, NOTHING));
  return [...needs].flatMap(([resource, need]) => {
    const left = free.get(resource) ?? 0n;
    // What asks for nothing has room on a node that has given away too much.
    if (need === 0n || need <= left) return [];
    const shown = formatQuantity(resource, left < 0n ? 0n : left);
    return [`${resource}: needs ${formatQuantity(resource, need)}, and ${shown} is free`];
  });
}

function takenPorts(ports: readonly HostPort[], there: readonly BoundPod[]): readonly string[] {
  return ports.flatMap((port) => {
    const taker = there.find(({ hostPorts }) => hostPorts.some((other) => portsClash(port, other)));
    if (!taker) return [];
    // Not the pod, where another one of the same make takes it on the next node.
    const { maker = `pod ${taker.namespace}/${taker.name}` } = taker;
    return [`port ${port.port}/${port.protocol}: taken by ${maker}`];
  });
}

/** What all DaemonSets together ask of a node. */
export type DaemonTax = { readonly node: string; readonly daemonSets: number; readonly requests: Resources };

/** The requests of all DaemonSets that are eligible on each node. */
export function daemonTax(
  daemonSets: readonly DaemonSet[],
  nodes: readonly NodeRecord[],
): readonly DaemonTax[] {
  const templates = daemonSets.map(({ spec }) => {
    const podSpec = spec.template.spec ?? {};
    return { isEligible: compileEligibility(podSpec), requests: podRequests(podSpec) };
  });
  return nodes.map((node) => {
    const there = templates.filter(({ isEligible }) => isEligible(node).shouldRun);
    return {
      node: node.name,
      daemonSets: there.length,
      requests: there.map(({ requests }) => requests).reduce(sum, NOTHING),
    };
  });
}
