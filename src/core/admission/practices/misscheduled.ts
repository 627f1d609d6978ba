import { counted, listNames } from '../list-names.ts';
import type { DaemonSetRule } from '../rule.ts';
import { daemonPods, eligibilities } from './daemon-pods.ts';

/** Pods that should have been taken away when their node changed. */
export const misscheduled: DaemonSetRule = {
  id: 'misscheduled',
  level: 'off',
  check: (change) => {
    const nodes = eligibilities(change);
    if (!nodes) return [];
    const mayStay = new Set(
      nodes.filter(({ eligibility }) => eligibility.shouldContinueRunning).map(({ node }) => node.name),
    );
    const names = daemonPods(change)
      .filter(({ targetNode }) => targetNode === undefined || !mayStay.has(targetNode))
      .map(({ name }) => name);
    if (names.length === 0) return [];
    return [
      {
        path: 'status.numberMisscheduled',
        message:
          `counts ${counted(names.length, 'pod')} on nodes that are not eligible (${listNames(names)}). They are ` +
          'deleted as soon as a controller is at work; look whether it is',
      },
    ];
  },
};
