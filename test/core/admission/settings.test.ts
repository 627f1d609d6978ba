import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, rulesOff } from '../../../src/core/admission/settings.ts';

test('rules are off that the configuration names, and none without it', () => {
  const rules = {
    'selector-overlap': 'off',
    'host-port-clash': 'warn',
    'selector-matches-template': 'deny',
  } as const;
  expect([...rulesOff({ rules })]).toEqual(['selector-overlap']);
  expect([...rulesOff(DEFAULT_SETTINGS)]).toEqual([]);
});
