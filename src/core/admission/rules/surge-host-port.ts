import type { DaemonSetRule } from '../rule.ts';
import { allowsAny, readRollout } from '../read-rollout.ts';
import { isJsonObject, MALFORMED, readField, readList } from '../untrusted.ts';

/**
 * A surge puts the new pod beside the old one, which holds the port: the new one stays Pending until the old one
 * fails (kubernetes#106417, never refused by the API server).
 */
export const surgeHostPort: DaemonSetRule = {
  id: 'surge-host-port',
  level: 'warn',
  check: ({ object }) => {
    const { type, maxSurge } = readRollout(object);
    if (type !== 'RollingUpdate' || !allowsAny(maxSurge)) return [];
    return hostPorts(object)
      .slice(0, 1)
      .map(({ path, port }) => ({
        path,
        message: `takes port ${port} of the node, which the old pod holds: with maxSurge the new one never starts. Set maxSurge: 0, maxUnavailable: 1`,
      }));
  },
};

type HostPort = { readonly path: string; readonly port: number };

/** Ports that the pod takes of its node: with hostNetwork every port that it names. */
function hostPorts(object: unknown): readonly HostPort[] {
  const sharesNetwork = readField(object, 'spec', 'template', 'spec', 'hostNetwork') === true;
  const containers = readList(object, 'spec', 'template', 'spec', 'containers');
  if (containers === undefined || containers === MALFORMED) return [];
  return containers.flatMap((container, index) => {
    const ports = readList(container, 'ports');
    if (ports === undefined || ports === MALFORMED) return [];
    return ports.flatMap((entry, at): readonly HostPort[] => {
      if (!isJsonObject(entry)) return [];
      const field = sharesNetwork && !isPort(entry['hostPort']) ? 'containerPort' : 'hostPort';
      const port = entry[field];
      return isPort(port)
        ? [{ path: `spec.template.spec.containers[${index}].ports[${at}].${field}`, port }]
        : [];
    });
  });
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
