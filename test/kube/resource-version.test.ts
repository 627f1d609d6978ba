import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareResourceVersions } from '../../src/kube/resource-version.ts';

it.each([
  ['1', '2', -1],
  ['2', '1', 1],
  ['7', '7', 0],
  ['9', '10', -1],
  ['100', '99', 1],
  ['18446744073709551615', '18446744073709551616', -1],
])('%s and %s', (a, b, sign) => {
  expect(Math.sign(compareResourceVersions(a, b))).toBe(sign);
});

it('orders as numbers of any length', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n }), fc.bigInt({ min: 1n }), (a, b) => {
      const sign = a < b ? -1 : Number(a > b);
      expect(Math.sign(compareResourceVersions(String(a), String(b)))).toBe(sign);
    }),
  );
});
