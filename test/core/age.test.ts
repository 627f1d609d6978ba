import { expect, it } from 'vitest';
import { formatAge } from '../../src/core/age.ts';

it.each([
  [0, '0s'],
  [59, '59s'],
  [60, '1m'],
  [125, '2m5s'],
  [725, '12m'],
  [3_600, '1h'],
  [5_400, '1h30m'],
  [90_000, '1d1h'],
  [864_000, '10d'],
])('%i seconds are %s', (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});
