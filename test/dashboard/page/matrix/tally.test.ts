import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CELL_CODES } from '../../../../src/core/coverage/cell.ts';
import { STATE_ORDER } from '../../../../src/dashboard/page/states.ts';
import {
  figureOf,
  hasUnsettled,
  segmentsOf,
  spokenTally,
  sumOf,
  talliesOf,
  type Tally,
} from '../../../../src/dashboard/page/matrix/tally.ts';

const cells = fc
  .array(fc.constantFrom(...Object.values(CELL_CODES)), { maxLength: 60 })
  .map((codes) => codes.join(''));

function tally(codes: string): Tally {
  return sumOf(
    talliesOf(
      codes,
      Array.from(codes, () => 0),
      1,
    ),
  );
}

function total(counts: Tally): number {
  return STATE_ORDER.reduce((sum, state) => sum + counts[state], 0);
}

it('counts the cells of each group, and leaves out those of none', () => {
  const [first, second] = talliesOf('aoma', [0, 1, -1, 0], 2);
  expect(first).toMatchObject({ available: 2, outdated: 0, missing: 0 });
  expect(second).toMatchObject({ available: 0, outdated: 1, missing: 0 });
});

it('counts every cell once, however they are grouped', () => {
  fc.assert(
    fc.property(cells, fc.integer({ min: 1, max: 5 }), (codes, groups) => {
      const of = Array.from(codes, (_, place) => (place * 7) % groups);
      const tallies = talliesOf(codes, of, groups);
      expect(sumOf(tallies)).toEqual(tally(codes));
      expect(total(sumOf(tallies))).toBe(codes.length);
    }),
  );
});

describe('the figure of a group', () => {
  it.each([
    ['all of them where all is well', 'aaa', '3/3', 'available'],
    ['nothing where no pod belongs', '..', '–', 'none'],
    ['pods that are only kept', '.k', '1 kept', 'kept'],
    ['how many are new during a rollout', 'aoos', '1/4 new', 'outdated'],
    ['how many are available while the last ones start', 'aas', '2/3', 'starting'],
    ['how many are available while the last ones end', 'aad', '2/3', 'terminating'],
    ['missing before whatever else is under way', 'oosm', '1 missing', 'missing'],
    ['trouble before missing', 'tma', '1 trouble', 'trouble'],
    ['misscheduled pods', 'ax.', '1 misscheduled', 'misscheduled'],
  ])('is %s', (_, codes, text, state) => {
    expect(figureOf(tally(codes))).toEqual({ text, state });
  });
});

it('speaks every number that is not zero, worst first', () => {
  expect(spokenTally(tally('aatma.'))).toBe('1 trouble, 1 missing, 3 available, 1 none');
});

it('knows what is not as it should be', () => {
  expect(hasUnsettled(tally('aa.k'))).toBe(false);
  for (const code of 'ostmdx') expect(hasUnsettled(tally(`aa${code}`))).toBe(true);
});

it('a bar is full, without gaps, and leaves out nodes that need no pod', () => {
  fc.assert(
    fc.property(cells, (codes) => {
      const segments = segmentsOf(tally(codes));
      expect(segments.map(({ state }) => state)).not.toContain('none');
      for (const [at, segment] of segments.entries()) {
        expect(segment.from).toBe(segments[at - 1]?.to ?? 0);
        expect(segment.to).toBeGreaterThan(segment.from);
      }
      expect(segments.at(-1)?.to ?? 100).toBeCloseTo(100);
    }),
  );
});
