import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesOf, scrolledTo, visibleSpan } from '../../../../src/dashboard/page/grid/span.ts';

describe('the visible span', () => {
  it('has all that can be seen, and not much more', () => {
    fc.assert(
      fc.property(
        fc.nat(200_000),
        fc.nat(3_000),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(6_000),
        (scrolled, extent, size, count) => {
          const { from, to } = visibleSpan(scrolled, extent, { size, count });
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(count);
          expect(to - from).toBeLessThanOrEqual(extent / size + 10);
          const isSeen = (place: number): boolean =>
            place >= 0 && place < count && (place + 1) * size > scrolled && place * size < scrolled + extent;
          for (const edge of [from - 1, to]) expect(isSeen(edge)).toBe(false);
        },
      ),
    );
  });
});

describe('the places of a span', () => {
  it.each([
    ['before it', 2, [2, 5, 6, 7]],
    ['within it', 6, [5, 6, 7]],
    ['behind it', 9, [5, 6, 7, 9]],
    ['nowhere', -1, [5, 6, 7]],
    ['beyond the end', 10, [5, 6, 7]],
  ])('have the one that is kept, %s, in order', (_, kept, places) => {
    expect(placesOf({ from: 5, to: 8 }, kept, 10)).toEqual(places);
  });
});

it('scrolls no further than it takes to see a cell in whole', () => {
  expect(scrolledTo(100, 50, 110, 10)).toBe(100);
  expect(scrolledTo(100, 50, 90, 10)).toBe(90);
  expect(scrolledTo(100, 50, 150, 10)).toBe(110);
});
