import { nodesWithin } from '../../rollout/update-strategy.ts';
import { allowsAny, readRollout } from '../read-rollout.ts';
import type { DaemonSetChange, DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';
import { eligibleNodes } from './daemon-pods.ts';

/** With more than one pod at a time, an agent that dies after some seconds gets onto many nodes before it shows. */
export const readyAtOnce: DaemonSetRule = {
  id: 'ready-at-once',
  level: 'off',
  check: (change) => {
    const { object } = change;
    const { type, maxUnavailable, maxSurge } = readRollout(object);
    if (type !== 'RollingUpdate' || (readField(object, 'spec', 'minReadySeconds') ?? 0) !== 0) return [];
    const limit = [maxUnavailable, maxSurge].find((each) => isMoreThanOne(each, change));
    if (limit === undefined) return [];
    const amount = typeof limit === 'string' ? `${limit} of the` : limit;
    return [
      {
        path: 'spec.minReadySeconds',
        message:
          `is 0 while ${amount} pods are replaced at a time, so an agent that crashes after some seconds ` +
          'reaches many nodes before the rollout stops. Set it to the time after which a crash is unlikely, such as 30',
        brief: `is 0 while ${amount} pods are replaced at a time`,
      },
    ];
  },
};

/** Where nodes are not known, a share of them counts as several. */
function isMoreThanOne(limit: unknown, change: DaemonSetChange): limit is string | number {
  if (typeof limit !== 'string') return (nodesWithin(limit, 0) ?? 0) > 1;
  const nodes = eligibleNodes(change);
  return nodes ? (nodesWithin(limit, nodes.length) ?? 0) > 1 : allowsAny(limit);
}
