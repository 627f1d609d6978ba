import { readRollout } from '../read-rollout.ts';
import type { DaemonSetRule } from '../rule.ts';

/** A rollout with this limit takes the agent away from every node at the same time. */
export const allAtOnce: DaemonSetRule = {
  id: 'all-at-once',
  level: 'off',
  check: ({ object }) => {
    const { type, maxUnavailable } = readRollout(object);
    if (type !== 'RollingUpdate' || maxUnavailable !== '100%') return [];
    return [
      {
        path: 'spec.updateStrategy.rollingUpdate.maxUnavailable',
        message: 'is "100%": a rollout takes the agent away from every node at once. Set it to "10%" or less',
      },
    ];
  },
};
