import { describe, expect, it } from 'vitest';
import { notNegative } from '../../../../src/core/admission/rules/not-negative.ts';
import { creationOf } from './daemonset-change.ts';

const check = (spec: unknown): readonly string[] =>
  notNegative.check(creationOf({ spec })).map(({ path, message }) => `${path} ${message}`);

describe('rule not-negative', () => {
  it('refuses what is below zero, each field by its name', () => {
    expect(check({ minReadySeconds: -1, revisionHistoryLimit: -2 })).toEqual([
      expect.stringContaining('spec.minReadySeconds is -1'),
      expect.stringContaining('spec.revisionHistoryLimit is -2'),
    ]);
  });

  it.each([{}, { minReadySeconds: 0, revisionHistoryLimit: 0 }, { minReadySeconds: '-1' }, 7, null])(
    'has nothing against %j',
    (spec) => {
      expect(check(spec)).toEqual([]);
    },
  );
});
