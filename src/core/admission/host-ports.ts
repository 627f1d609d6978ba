import { type RawContainer, readContainers } from './read-containers.ts';
import { isJsonObject, MALFORMED, readField, readList, readString } from './untrusted.ts';

/** A port of the node that a pod takes. */
export type HostPort = {
  /** Where it is said, from the object on. */
  readonly path: string;
  readonly port: number;
  readonly protocol: string;
  /** The address of the node; empty: all. */
  readonly hostIP: string;
};

const ALL_ADDRESSES: readonly string[] = ['', '0.0.0.0', '::'];

/**
 * Ports that the pods of a DaemonSet take of their node: with hostNetwork every port that is named. Containers
 * and sidecars (init containers that keep running), as the scheduler counts them (`util.GetHostPorts`).
 */
export function hostPortsOf(object: unknown): readonly HostPort[] {
  const sharesNetwork = readField(object, 'spec', 'template', 'spec', 'hostNetwork') === true;
  return readContainers(object)
    .filter(({ staysUp }) => staysUp)
    .flatMap((each) => portsOf(each, sharesNetwork));
}

/** Whether two pods on one node cannot both have their port. Source: scheduler `HostPortInfo.CheckConflict`. */
export function portsClash(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.hostIP === b.hostIP || ALL_ADDRESSES.includes(a.hostIP) || ALL_ADDRESSES.includes(b.hostIP);
}

function portsOf({ path, container }: RawContainer, sharesNetwork: boolean): readonly HostPort[] {
  const ports = readList(container, 'ports');
  if (ports === undefined || ports === MALFORMED) return [];
  return ports.flatMap((entry, at): readonly HostPort[] => {
    const protocol = readString(entry, 'protocol');
    const hostIP = readString(entry, 'hostIP');
    if (!isJsonObject(entry) || protocol === MALFORMED || hostIP === MALFORMED) return [];
    const field = sharesNetwork && !isPort(entry['hostPort']) ? 'containerPort' : 'hostPort';
    const port = entry[field];
    if (!isPort(port)) return [];
    return [
      { path: `${path}.ports[${at}].${field}`, port, protocol: protocol || 'TCP', hostIP: hostIP ?? '' },
    ];
  });
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
