import { nodesWithin } from '../../rollout/update-strategy.ts';
import { allowsAny, readRollout } from '../read-rollout.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';
import { eligibleCount } from './daemon-pods.ts';

/** With more than one pod at a time, an agent that dies after some seconds gets onto many nodes before it shows. */
export const readyAtOnce: DaemonSetRule = {
  id: 'ready-at-once',
  level: 'off',
  check: (change) => {
    const { object } = change;
    const { type, maxUnavailable, maxSurge } = readRollout(object);
    const nodes = eligibleCount(change);
    const limit = [maxUnavailable, maxSurge].find((each) => isMoreThanOne(each, nodes));
    if (type !== 'RollingUpdate' || limit === undefined) return [];
    if ((readField(object, 'spec', 'minReadySeconds') ?? 0) !== 0) return [];
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
function isMoreThanOne(limit: unknown, nodes: number | undefined): limit is string | number {
  if (nodes === undefined && typeof limit === 'string') return allowsAny(limit);
  return (nodesWithin(limit, nodes ?? 0) ?? 0) > 1;
}
