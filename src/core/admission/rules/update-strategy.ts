import type { DaemonSetRule } from '../rule.ts';
import { allowsAny, type RawRollout, readRollout } from '../read-rollout.ts';
import { MALFORMED, shown } from '../untrusted.ts';
import type { Problem } from '../verdict.ts';

const PATH = 'spec.updateStrategy';
const LIMITS = ['maxUnavailable', 'maxSurge'] as const;

/**
 * Source: upstream `ValidateDaemonSetUpdateStrategy` and `ValidateRollingUpdateDaemonSet`. What stands under
 * rollingUpdate counts for that type only.
 */
export const updateStrategy: DaemonSetRule = {
  id: 'update-strategy',
  level: 'deny',
  check: ({ object }) => {
    const rollout = readRollout(object);
    const { type } = rollout;
    if (type === MALFORMED || type === undefined || type === 'OnDelete') return [];
    if (type !== 'RollingUpdate') {
      const message = `is ${shown(type)}, which nobody knows; set it to RollingUpdate or OnDelete`;
      return [{ path: `${PATH}.type`, message }];
    }
    const problems = LIMITS.flatMap((name) => checkLimit(name, rollout[name]));
    return problems.length > 0 ? problems : checkBoth(rollout);
  },
};

function checkLimit(name: string, value: unknown): readonly Problem[] {
  const path = `${PATH}.rollingUpdate.${name}`;
  const says = 'give a whole number of nodes such as 2, or a percentage of them such as "10%"';
  if (typeof value === 'number' && (value < 0 || !Number.isInteger(value)))
    return [{ path, message: `is ${value}; ${says}` }];
  if (typeof value !== 'string') return [];
  const percent = /^(\d+)%$/.exec(value)?.[1];
  if (percent === undefined) return [{ path, message: `is ${shown(value)}; ${says}` }];
  if (Number(percent) > 100)
    return [{ path, message: `is ${shown(value)}, more than all nodes; give at most "100%"` }];
  return [];
}

function checkBoth({ maxUnavailable, maxSurge }: RawRollout): readonly Problem[] {
  if (maxUnavailable === MALFORMED || maxSurge === MALFORMED) return [];
  const mayMiss = allowsAny(maxUnavailable);
  const maySurge = allowsAny(maxSurge);
  if (mayMiss && maySurge) {
    return [
      {
        path: `${PATH}.rollingUpdate.maxSurge`,
        message:
          `is ${JSON.stringify(maxSurge)} while maxUnavailable is ${JSON.stringify(maxUnavailable)}, and a rollout ` +
          'either adds the new pod first or takes the old one away first. Set maxUnavailable: 0 as well (left out, it ' +
          'is 1), or remove maxSurge',
      },
    ];
  }
  if (mayMiss || maySurge) return [];
  return [
    {
      path: `${PATH}.rollingUpdate.maxUnavailable`,
      message:
        'is 0 and so is maxSurge, so no rollout could ever move; allow at least 1 of one of them, or choose ' +
        'type OnDelete',
    },
  ];
}
