import { nodesWithin } from '../../rollout/update-strategy.ts';
import { readRollout } from '../read-rollout.ts';
import type { DaemonSetChange, DaemonSetRule } from '../rule.ts';
import { eligibleNodes } from './daemon-pods.ts';

/** A rollout with this limit takes the agent away from every node at the same time. */
export const allAtOnce: DaemonSetRule = {
  id: 'all-at-once',
  level: 'off',
  check: (change) => {
    const { type, maxUnavailable } = readRollout(change.object);
    const whole = maxUnavailable === '100%';
    if (type !== 'RollingUpdate' || !(whole || reachesAll(maxUnavailable, change))) return [];
    const limit = `is ${JSON.stringify(maxUnavailable)}${whole ? '' : ', rounded up as many as it has nodes'}`;
    return [
      {
        path: 'spec.updateStrategy.rollingUpdate.maxUnavailable',
        message: `${limit}: a rollout takes the agent away from every node at once. Set it to ${whole ? '"10%" or less' : '1'}`,
      },
    ];
  },
};

/** Whether a limit is all of its nodes. Where there is but one, every limit is. */
function reachesAll(limit: unknown, change: DaemonSetChange): boolean {
  // The usual limit: nodes need not be looked at.
  if (limit === 1) return false;
  const { length: nodes } = eligibleNodes(change) ?? [];
  return nodes > 1 && (nodesWithin(limit, nodes) ?? 0) >= nodes;
}
