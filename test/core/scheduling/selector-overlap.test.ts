import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelSelector, LabelSelectorRequirement, StringMap } from '../../../src/api/meta.ts';
import { selectorMatches } from '../../../src/core/scheduling/label-selector.ts';
import { selectorOverlap, type Selecting } from '../../../src/core/scheduling/selector-overlap.ts';

const selecting = (
  matchLabels: StringMap,
  matchExpressions: readonly LabelSelectorRequirement[] = [],
  podLabels: StringMap = matchLabels,
): Selecting => ({ selector: { matchLabels, matchExpressions }, podLabels });
const on = (key: string, operator: string, ...values: readonly string[]): LabelSelectorRequirement => ({
  key,
  operator,
  values,
});

describe('two selectors', () => {
  it.each<[string, Selecting, Selecting, object]>([
    [
      'the same label with other values',
      selecting({ app: 'a' }),
      selecting({ app: 'b' }),
      { kind: 'disjoint', key: 'app' },
    ],
    [
      'the same',
      selecting({ app: 'a' }),
      selecting({ app: 'a' }),
      { kind: 'overlaps', witness: { app: 'a' } },
    ],
    [
      'one wider than the other',
      selecting({ app: 'a' }),
      selecting({ app: 'a', tier: 'x' }),
      { kind: 'overlaps', witness: { app: 'a', tier: 'x' } },
    ],
    [
      'labels that have nothing to do with each other',
      selecting({ app: 'a' }),
      selecting({ role: 'b' }),
      { kind: 'mayOverlap', witness: { app: 'a', role: 'b' } },
    ],
    [
      'values that meet',
      selecting({}, [on('app', 'In', 'a', 'b')], {}),
      selecting({}, [on('app', 'In', 'b', 'c')], {}),
      { kind: 'mayOverlap', witness: { app: 'b' } },
    ],
    [
      'values that meet only where one is forbidden',
      selecting({}, [on('app', 'In', 'a', 'b')], {}),
      selecting({}, [on('app', 'In', 'b'), on('app', 'NotIn', 'b')], {}),
      { kind: 'disjoint', key: 'app' },
    ],
    [
      'a label that must and must not be there',
      selecting({}, [on('app', 'Exists')], {}),
      selecting({}, [on('app', 'DoesNotExist')], {}),
      { kind: 'disjoint', key: 'app' },
    ],
    [
      'a label that must be there, but not so',
      selecting({}, [on('app', 'Exists')], {}),
      selecting({}, [on('app', 'NotIn', 'any', 'any-1')], { x: 'y' }),
      { kind: 'mayOverlap', witness: { app: 'any-2' } },
    ],
  ])('%s', (_, a, b, expected) => {
    expect(selectorOverlap(a, b)).toEqual(expected);
  });

  it('of which one is missing have nothing in common', () => {
    expect(selectorOverlap({ selector: undefined, podLabels: {} }, selecting({})).kind).toBe('disjoint');
  });
});

const KEYS = ['app', 'tier'];
const VALUES = ['a', 'b', 'c'];
const values = fc.subarray(VALUES, { minLength: 1 });
const requirements = fc.oneof(
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('In', 'NotIn'), values }),
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const labels = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { maxKeys: 2 });
const selectors: fc.Arbitrary<LabelSelector> = fc.record({
  matchLabels: labels,
  matchExpressions: fc.array(requirements, { maxLength: 3 }),
});
const selectings = fc.record({ selector: selectors, podLabels: labels });

/** Every set of labels that can make a difference: `other` stands for all values that no selector names. */
const UNIVERSE: readonly StringMap[] = KEYS.reduce<readonly StringMap[]>(
  (sets, key) =>
    sets.flatMap((set) => [set, ...[...VALUES, 'other'].map((value) => ({ ...set, [key]: value }))]),
  [{}],
);

describe('for any two selectors the answer', () => {
  it('is that of trying all labels', () => {
    fc.assert(
      fc.property(selectings, selectings, (a, b) => {
        const both = (set: StringMap): boolean =>
          selectorMatches(a.selector, set) && selectorMatches(b.selector, set);
        const certain = both(a.podLabels) || both(b.podLabels);
        const expected = certain ? 'overlaps' : UNIVERSE.some(both) ? 'mayOverlap' : 'disjoint';
        const answer = selectorOverlap(a, b);
        expect(answer.kind).toBe(expected);
        if (answer.kind !== 'disjoint') expect(both(answer.witness)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('is the same the other way round', () => {
    fc.assert(
      fc.property(selectings, selectings, (a, b) => {
        expect(selectorOverlap(b, a).kind).toBe(selectorOverlap(a, b).kind);
      }),
    );
  });
});
