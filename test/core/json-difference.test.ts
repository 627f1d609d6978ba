import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/history/canonical-json.ts';
import { jsonDifferences } from '../../src/core/json-difference.ts';

describe('differences', () => {
  it('are none exactly where both are the same', () => {
    const values = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(jsonDifferences(a, a)).toEqual([]);
        expect(jsonDifferences(a, b).length === 0).toBe(canonicalJson(a) === canonicalJson(b));
      }),
    );
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['a field', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: 'a.b', before: 1, after: 2 }]],
    ['a field that is new', { a: {} }, { a: { b: 2 } }, [{ path: 'a.b', after: 2 }]],
    ['a field that is gone', { a: { b: 2 } }, { a: {} }, [{ path: 'a.b', before: 2 }]],
    ['a key with dots', { l: { 'a.b/c': 1 } }, { l: {} }, [{ path: 'l[a.b/c]', before: 1 }]],
    [
      'members by their name',
      { c: [{ name: 'a', image: '1' }, { name: 'b' }] },
      { c: [{ name: 'z' }, { name: 'a', image: '2' }] },
      [
        { path: 'c[a].image', before: '1', after: '2' },
        { path: 'c[b]', before: { name: 'b' } },
        { path: 'c[z]', after: { name: 'z' } },
      ],
    ],
    [
      'mounts by their path',
      [{ name: 'v', mountPath: '/a' }],
      [{ name: 'v', mountPath: '/a', readOnly: true }],
      [{ path: '[/a].readOnly', after: true }],
    ],
    [
      'members without a name by being equal',
      { t: [{ key: 'a' }, { key: 'b' }] },
      { t: [{ key: 'b' }, { key: 'c' }] },
      [
        { path: 't[0]', before: { key: 'a' } },
        { path: 't[1]', after: { key: 'c' } },
      ],
    ],
    [
      'plain values as a whole',
      { args: ['a', 'b'] },
      { args: ['b', 'a'] },
      [{ path: 'args', before: ['a', 'b'], after: ['b', 'a'] }],
    ],
    [
      'an order',
      [{ name: 'a' }, { name: 'b' }],
      [{ name: 'b' }, { name: 'a' }],
      [{ path: '', before: [{ name: 'a' }, { name: 'b' }], after: [{ name: 'b' }, { name: 'a' }] }],
    ],
  ])('of %s', (_, before, after, expected) => {
    expect(jsonDifferences(before, after)).toEqual(expected);
  });
});
