import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moved } from '../../../../src/dashboard/page/grid/moves.ts';

const extent = { rows: 11, columns: 6, page: 4 };
const at = { row: 5, column: 2 };

describe('a key', () => {
  it.each([
    ['ArrowUp', false, { row: 4, column: 2 }],
    ['ArrowDown', false, { row: 6, column: 2 }],
    ['ArrowLeft', false, { row: 5, column: 1 }],
    ['ArrowRight', false, { row: 5, column: 3 }],
    ['PageUp', false, { row: 1, column: 2 }],
    ['PageDown', false, { row: 9, column: 2 }],
    ['Home', false, { row: 5, column: 0 }],
    ['End', false, { row: 5, column: 5 }],
    ['Home', true, { row: 0, column: 0 }],
    ['End', true, { row: 10, column: 5 }],
  ])('%s (with Control: %s) leads on', (key, ctrlKey, place) => {
    expect(moved(at, { key, ctrlKey }, extent)).toEqual(place);
  });

  it('that is none of the grid leads nowhere', () => {
    expect(moved(at, { key: 'a', ctrlKey: false }, extent)).toBeUndefined();
    expect(moved(at, { key: 'ArrowUp', ctrlKey: true }, extent)).toBeUndefined();
  });
});

it('never leads out of the grid', () => {
  const keys = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End'];
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.constantFrom(...keys), ctrlKey: fc.boolean() })),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      (pressed, rows, columns) => {
        let place = { row: 0, column: 0 };
        for (const key of pressed) place = moved(place, key, { rows, columns, page: 5 }) ?? place;
        expect(place.row).toBeGreaterThanOrEqual(0);
        expect(place.row).toBeLessThan(rows);
        expect(place.column).toBeGreaterThanOrEqual(0);
        expect(place.column).toBeLessThan(columns);
      },
    ),
  );
});
