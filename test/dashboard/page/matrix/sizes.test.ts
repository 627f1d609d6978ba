import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupSizes, nodeSizes } from '../../../../src/dashboard/page/matrix/sizes.ts';

it('nodes share the width while they fit, and are scrolled where they do not', () => {
  expect(nodeSizes(1280, 5).column).toBe(140);
  expect(nodeSizes(1280, 5000).column).toBe(28);
});

it('names that stand upright have a higher header', () => {
  expect(nodeSizes(1280, 60).columnHead).toBeGreaterThan(nodeSizes(1280, 5).columnHead);
});

it('cells can be used whatever the width', () => {
  fc.assert(
    fc.property(fc.nat(4000), fc.nat(6000), (width, columns) => {
      expect(nodeSizes(width, columns).column).toBeGreaterThanOrEqual(28);
      expect(groupSizes(width, columns).column).toBeGreaterThanOrEqual(100);
    }),
  );
});
