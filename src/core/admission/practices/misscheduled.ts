import { counted, listNames } from '../list-names.ts';
import type { DaemonSetRule } from '../rule.ts';
import { daemonPods } from './daemon-pods.ts';

/** Pods that should have been taken away when their node changed. */
export const misscheduled: DaemonSetRule = {
  id: 'misscheduled',
  level: 'off',
  check: (change) => {
    const found = daemonPods(change);
    if (!found || found.misplaced.length === 0) return [];
    const names = found.misplaced.map(({ name }) => name);
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
