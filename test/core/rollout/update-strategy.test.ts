import { describe, expect, it } from 'vitest';
import type { DaemonSet, RollingUpdateDaemonSet } from '../../../src/api/daemonset.ts';
import {
  allowsSurge,
  InvalidStrategyError,
  isRollingUpdate,
  rolloutBudget,
} from '../../../src/core/rollout/update-strategy.ts';
import { daemonSet, ON_DELETE, rollingUpdate } from '../../builders/daemonset.ts';

function withLimits(limits: RollingUpdateDaemonSet): DaemonSet {
  return daemonSet({ strategy: rollingUpdate(limits) });
}

describe('§5.1 numbers (TestGetUnavailableNumbers)', () => {
  type Row = readonly [string, RollingUpdateDaemonSet, number, number, number];
  const table: readonly Row[] = [
    // name, limits, desired, maxUnavailable, maxSurge
    ['no nodes', { maxUnavailable: 0, maxSurge: 0 }, 0, 0, 0],
    ['whole numbers are taken as they are', { maxUnavailable: 2, maxSurge: 0 }, 5, 2, 0],
    ['more than there are nodes is fine', { maxUnavailable: 10, maxSurge: 0 }, 2, 10, 0],
    ['both 0: one may be unavailable', { maxUnavailable: 0, maxSurge: 0 }, 2, 1, 0],
    ['both 0 %: one may be unavailable', { maxUnavailable: '0%', maxSurge: '0%' }, 2, 1, 0],
    ['50 % of 2', { maxUnavailable: '50%', maxSurge: 0 }, 2, 1, 0],
    ['50 % of 3 rounds up', { maxUnavailable: '50%', maxSurge: 0 }, 3, 2, 0],
    ['1 % of 1 rounds up', { maxUnavailable: '1%', maxSurge: 0 }, 1, 1, 0],
    ['100 % of 7 is not rounded', { maxUnavailable: '100%', maxSurge: 0 }, 7, 7, 0],
    ['29 % of 100 is not rounded', { maxUnavailable: '29%', maxSurge: 0 }, 100, 29, 0],
    ['surge 50 % of 2', { maxUnavailable: 0, maxSurge: '50%' }, 2, 0, 1],
    ['surge 100 % of 2', { maxUnavailable: 0, maxSurge: '100%' }, 2, 0, 2],
    ['surge 50 % of 3 rounds up as well', { maxUnavailable: 0, maxSurge: '50%' }, 3, 0, 2],
    ['a percentage of no nodes', { maxUnavailable: '50%', maxSurge: '50%' }, 0, 0, 0],
    ['maxUnavailable defaults to 1', {}, 5, 1, 0],
    ['maxSurge defaults to 0', { maxUnavailable: 3 }, 5, 3, 0],
  ];

  it.each(table)('%s', (_, limits, desired, maxUnavailable, maxSurge) => {
    expect(rolloutBudget(withLimits(limits), desired)).toEqual({ maxUnavailable, maxSurge });
  });

  it('allows 1 unavailable where the strategy has no limits at all', () => {
    const set = daemonSet({ strategy: { type: 'RollingUpdate' } });
    expect(rolloutBudget(set, 5)).toEqual({ maxUnavailable: 1, maxSurge: 0 });
  });
});

describe('§1.6 unparsable limits', () => {
  it.each(['10', '10 %', '-5%', '5.5%', 'all', '', '%'])('refuses maxUnavailable %j', (maxUnavailable) => {
    expect(() => rolloutBudget(withLimits({ maxUnavailable }), 5)).toThrow(InvalidStrategyError);
  });

  it('refuses a fraction', () => {
    expect(() => rolloutBudget(withLimits({ maxSurge: 1.5 }), 5)).toThrow(InvalidStrategyError);
  });

  it('says which field, what it holds, and what would do', () => {
    expect(() => rolloutBudget(withLimits({ maxSurge: 'all' }), 5)).toThrow(
      'spec.updateStrategy.rollingUpdate.maxSurge: "all" is neither a whole number nor a percentage such as "10%"',
    );
  });
});

describe('§3.1 AllowsSurge', () => {
  const table: readonly (readonly [number | string | undefined, boolean])[] = [
    [undefined, false],
    [0, false],
    ['0%', false],
    [1, true],
    ['1%', true],
    ['100%', true],
  ];
  it.each(table)('maxSurge %s: %s', (maxSurge, expected) => {
    expect(allowsSurge(withLimits(maxSurge === undefined ? {} : { maxSurge }))).toBe(expected);
  });

  it('§1.3 rule 17: limits left over beside OnDelete count for nothing', () => {
    const strategy = { type: 'OnDelete', rollingUpdate: { maxSurge: 'nonsense' } };
    expect(allowsSurge(daemonSet({ strategy }))).toBe(false);
  });
});

describe('strategy type', () => {
  it('§1.1 is RollingUpdate when absent', () => {
    const { updateStrategy: _, ...spec } = daemonSet().spec;
    expect(isRollingUpdate({ ...daemonSet(), spec })).toBe(true);
    expect(isRollingUpdate(daemonSet({ strategy: {} }))).toBe(true);
  });

  it('§5.7 is not RollingUpdate for OnDelete', () => {
    expect(isRollingUpdate(daemonSet({ strategy: ON_DELETE }))).toBe(false);
  });
});
