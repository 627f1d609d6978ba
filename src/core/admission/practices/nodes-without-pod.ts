import { counted, listNames } from '../list-names.ts';
import type { DaemonSetRule } from '../rule.ts';
import { eligibilities, occupiedNodes } from './daemon-pods.ts';

/** What a DaemonSet is there to prevent. */
export const nodesWithoutPod: DaemonSetRule = {
  id: 'nodes-without-pod',
  level: 'off',
  check: (change) => {
    const occupied = occupiedNodes(change);
    const names = (eligibilities(change) ?? [])
      .filter(({ node, eligibility }) => eligibility.shouldRun && !occupied.has(node.name))
      .map(({ node }) => node.name)
      .toSorted();
    if (names.length === 0) return [];
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
