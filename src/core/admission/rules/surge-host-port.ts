import { hostPortsOf } from '../host-ports.ts';
import { allowsAny, readRollout } from '../read-rollout.ts';
import type { DaemonSetRule } from '../rule.ts';

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
    return hostPortsOf(object)
      .slice(0, 1)
      .map(({ path, port }) => ({
        path,
        message: `takes port ${port} of the node, which the old pod holds: with maxSurge the new one never starts. Set maxSurge: 0, maxUnavailable: 1`,
      }));
  },
};
