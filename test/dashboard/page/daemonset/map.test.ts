import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { mapRows } from '../../../../src/dashboard/page/daemonset/map.ts';
import { boardNodes } from '../board.ts';

it('a group has lines of its own', () => {
  const zone = { label: 'zone', values: ['a', 'b'], of: [0, 1, 0, 0, 1] };
  const rows = mapRows({ nodes: boardNodes(5) }, zone, 2);
  expect(rows.map(({ value, line, size, places }) => [value, line, size, places])).toEqual([
    ['a', 1, 3, [0, 2]],
    ['a', 2, 3, [3]],
    ['b', 1, 2, [1, 4]],
  ]);
});

it('every node is in it once, and no line is too long', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({ min: 1, max: 30 }), fc.boolean(), (count, fits, grouped) => {
      const nodes = boardNodes(count);
      const zone = { label: 'zone', values: ['a', 'b', 'c'], of: nodes.map((_, at) => (at * 5) % 3) };
      const rows = mapRows({ nodes }, grouped ? zone : undefined, fits);
      const places = rows.flatMap((row) => row.places);
      expect(places.toSorted((a, b) => a - b)).toEqual(nodes.map((_, at) => at));
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
      for (const row of rows) expect(row.places.length).toBeLessThanOrEqual(fits);
    }),
  );
});
