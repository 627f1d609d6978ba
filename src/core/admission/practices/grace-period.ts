import type { DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';

/** Default of the cluster autoscaler's `--max-graceful-termination-sec`; what takes longer is killed. */
const LONGEST_SECONDS = 600;

export const gracePeriod: DaemonSetRule = {
  id: 'grace-period',
  level: 'off',
  check: ({ object }) => {
    const seconds = readField(object, 'spec', 'template', 'spec', 'terminationGracePeriodSeconds');
    if (typeof seconds !== 'number' || seconds <= LONGEST_SECONDS) return [];
    return [
      {
        path: 'spec.template.spec.terminationGracePeriodSeconds',
        message:
          `is ${seconds}, and those who take nodes away wait ${LONGEST_SECONDS} s (cluster autoscaler): the agent is ` +
          'killed in the middle, and a rollout takes that long for each node. Shorten what it does at its end',
        brief: `is ${seconds}: nodes are taken away after ${LONGEST_SECONDS} s`,
      },
    ];
  },
};
