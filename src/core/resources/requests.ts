import type { PodSpec } from '../../api/pod.ts';
import { NANO, parseQuantity } from './quantity.ts';

/** Amounts by resource name, in billionths. */
export type Resources = ReadonlyMap<string, bigint>;

type RawResources = {
  readonly requests?: Readonly<Record<string, string | number>>;
  readonly limits?: Readonly<Record<string, string | number>>;
};
type RawContainer = { readonly resources?: RawResources; readonly restartPolicy?: string };

/** Amounts as the API writes them. What is no quantity counts as nothing. */
export function readResources(raw: Readonly<Record<string, string | number>> = {}): Resources {
  return new Map(Object.entries(raw).map(([name, text]) => [name, parseQuantity(text) ?? 0n]));
}

/**
 * What a pod takes of its node as the scheduler counts it, itself among `pods`: its containers and sidecars, or what
 * the hungriest init container needs beside the sidecars before it; what is said for the pod as a whole instead;
 * and its overhead.
 *
 * Source: `k8s.io/component-helpers/resource` `PodRequests`.
 */
export function podRequests(spec: PodSpec): Resources {
  const {
    containers = [],
    initContainers = [],
    resources,
    overhead,
  } = spec as {
    readonly containers?: readonly RawContainer[];
    readonly initContainers?: readonly RawContainer[];
    readonly resources?: RawResources;
    readonly overhead?: RawResources['requests'];
  };
  let sidecars: Resources = new Map();
  let starting: Resources = new Map();
  for (const container of initContainers) {
    const needs = requestsOf(container);
    if (container.restartPolicy === 'Always') sidecars = sum(sidecars, needs);
    starting = largest(starting, container.restartPolicy === 'Always' ? sidecars : sum(sidecars, needs));
  }
  const running = containers.map(requestsOf).reduce<Resources>(sum, sidecars);
  const ofContainers = largest(running, starting);
  const own = new Map([...ofContainers, ...podLevel(resources, ofContainers)]);
  return sum(sum(own, readResources(overhead)), new Map([['pods', NANO]]));
}

/** The API server takes the limit of a pod only where its containers ask for nothing. Source: `defaultPodRequests`. */
function podLevel({ requests, limits }: RawResources = {}, ofContainers: Resources): Resources {
  const asked = readResources(requests);
  const limited = [...readResources(limits)].filter(([name]) => !ofContainers.has(name));
  return new Map([...limited, ...asked]);
}

/** The API server takes the limit where there is no request. */
function requestsOf({ resources = {} }: RawContainer): Resources {
  return readResources({ ...resources.limits, ...resources.requests });
}

export function sum(a: Resources, b: Resources): Resources {
  return combine(a, b, (x, y) => x + y);
}

export function difference(a: Resources, b: Resources): Resources {
  return combine(a, b, (x, y) => x - y);
}

function largest(a: Resources, b: Resources): Resources {
  return combine(a, b, (x, y) => (x > y ? x : y));
}

function combine(a: Resources, b: Resources, of: (x: bigint, y: bigint) => bigint): Resources {
  const names = new Set([...a.keys(), ...b.keys()]);
  return new Map([...names].map((name) => [name, of(a.get(name) ?? 0n, b.get(name) ?? 0n)]));
}
