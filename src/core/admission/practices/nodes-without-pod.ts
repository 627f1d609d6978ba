import { counted, listNames } from '../list-names.ts';
import type { DaemonSetRule } from '../rule.ts';
import { daemonPods } from './daemon-pods.ts';

/** What a DaemonSet is there to prevent. */
export const nodesWithoutPod: DaemonSetRule = {
  id: 'nodes-without-pod',
  level: 'off',
  check: (change) => {
    const found = daemonPods(change);
    if (!found || found.without.length === 0) return [];
    const names = found.without.map(({ name }) => name);
    return [
      {
        path: 'status.desiredNumberScheduled',
        message:
          `counts ${counted(names.length, 'node')} without a pod (${listNames(names)}). See kubectl describe daemonset ` +
          'for events, and whether quota, admission or a missing controller keeps pods from being made',
      },
    ];
  },
};
