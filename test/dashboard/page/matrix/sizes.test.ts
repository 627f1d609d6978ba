import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { charactersIn, groupSizes, nodeSizes } from '../../../../src/dashboard/page/matrix/sizes.ts';

describe('columns of nodes', () => {
  it('share the width while they fit, and are scrolled where they do not', () => {
    expect(nodeSizes(1280, 5, 9).column).toBe(140);
    expect(nodeSizes(1280, 5_000, 9).column).toBe(28);
  });

  it('have flat names where there is room for the longest, upright ones where there is none', () => {
    expect(nodeSizes(1280, 9, 8).isUpright).toBe(false);
    expect(nodeSizes(1280, 9, 14).isUpright).toBe(true);
    expect(nodeSizes(1280, 5, 253).isUpright).toBe(false);
  });

  it('have headers as high as upright names need, within reason', () => {
    const head = (longest: number): number => nodeSizes(1280, 5_000, longest).columnHead;
    expect(head(7)).toBeLessThan(head(14));
    expect(head(40)).toBe(head(253));
    expect(charactersIn(nodeSizes(1280, 5_000, 9))).toBeGreaterThanOrEqual(9);
  });
});

it('cells can be used whatever the width', () => {
  fc.assert(
    fc.property(fc.nat(4000), fc.nat(6000), fc.nat(253), (width, columns, longest) => {
      expect(nodeSizes(width, columns, longest).column).toBeGreaterThanOrEqual(28);
      expect(groupSizes(width, columns).column).toBeGreaterThanOrEqual(100);
    }),
  );
});
