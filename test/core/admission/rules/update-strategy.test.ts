import { describe, expect, it } from 'vitest';
import { updateStrategy } from '../../../../src/core/admission/rules/update-strategy.ts';
import { created } from './daemonset-change.ts';

const problemsOf = (strategy: unknown): readonly string[] =>
  updateStrategy
    .check(created({ updateStrategy: strategy }))
    .map(({ path, message }) => `${path} ${message}`);
const rolling = (rollingUpdate: unknown): unknown => ({ type: 'RollingUpdate', rollingUpdate });

describe('rule update-strategy', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['only the type', { type: 'RollingUpdate' }],
    ['OnDelete, whatever stands beside it', { type: 'OnDelete', rollingUpdate: { maxUnavailable: 'x' } }],
    ['an empty type', { type: '' }],
    ['a number', rolling({ maxUnavailable: 3 })],
    ['all nodes', rolling({ maxUnavailable: '100%' })],
    ['a surge alone', rolling({ maxUnavailable: 0, maxSurge: 1 })],
    ['a surge in percent', rolling({ maxUnavailable: '0%', maxSurge: '10%' })],
    ['what is malformed, which the API server refuses', { type: 7, rollingUpdate: [] }],
    ['limits that are no limits, likewise', rolling({ maxUnavailable: true })],
  ])('has nothing against %s', (_, strategy) => {
    expect(problemsOf(strategy)).toEqual([]);
  });

  it.each<[unknown, string, string]>([
    [
      { type: 'Recreate' },
      'spec.updateStrategy.type',
      'is "Recreate", which nobody knows; set it to RollingUpdate or OnDelete',
    ],
    [
      rolling({ maxUnavailable: -1 }),
      'spec.updateStrategy.rollingUpdate.maxUnavailable',
      'is -1; give a whole number',
    ],
    [
      rolling({ maxUnavailable: 1.5 }),
      'spec.updateStrategy.rollingUpdate.maxUnavailable',
      'is 1.5; give a whole number',
    ],
    [
      rolling({ maxUnavailable: '10' }),
      'spec.updateStrategy.rollingUpdate.maxUnavailable',
      'is "10"; give a whole number',
    ],
    [
      rolling({ maxUnavailable: 0, maxSurge: '101%' }),
      'spec.updateStrategy.rollingUpdate.maxSurge',
      'is "101%", more than all nodes',
    ],
    [
      rolling({ maxSurge: 1 }),
      'spec.updateStrategy.rollingUpdate.maxSurge',
      'is 1 while maxUnavailable is 1',
    ],
    [
      rolling({ maxUnavailable: '10%', maxSurge: '10%' }),
      'spec.updateStrategy.rollingUpdate.maxSurge',
      'is "10%" while maxUnavailable is "10%"',
    ],
    [
      rolling({ maxUnavailable: 0 }),
      'spec.updateStrategy.rollingUpdate.maxUnavailable',
      'is 0 and so is maxSurge',
    ],
    [
      rolling({ maxUnavailable: '0%', maxSurge: '00%' }),
      'spec.updateStrategy.rollingUpdate.maxUnavailable',
      'is 0 and so is maxSurge',
    ],
  ])('refuses %j', (strategy, path, message) => {
    const [problem, ...more] = problemsOf(strategy);
    expect(more).toEqual([]);
    expect(problem).toContain(`${path} ${message}`);
  });

  it('says what to do when only maxSurge was given', () => {
    expect(problemsOf(rolling({ maxSurge: 1 }))[0]).toContain(
      'Set maxUnavailable: 0 as well (left out, it is 1)',
    );
  });
});
