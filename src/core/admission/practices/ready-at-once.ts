import { allowsAny, readRollout } from '../read-rollout.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';

/** With more than one pod at a time, an agent that dies after some seconds gets onto many nodes before it shows. */
export const readyAtOnce: DaemonSetRule = {
  id: 'ready-at-once',
  level: 'off',
  check: ({ object }) => {
    const { type, maxUnavailable, maxSurge } = readRollout(object);
    const limit = [maxUnavailable, maxSurge].find(isMoreThanOne);
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

/** A share of the nodes counts as several. */
function isMoreThanOne(limit: unknown): limit is string | number {
  return typeof limit === 'string' ? allowsAny(limit) : typeof limit === 'number' && limit > 1;
}
