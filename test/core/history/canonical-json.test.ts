import { describe, expect, it } from 'vitest';
import { canonicalJson, goEscape } from '../../../src/core/history/canonical-json.ts';
import { parseJson } from '../../../src/kube/json.ts';

describe('§5.10 canonical JSON', () => {
  const cases: Record<string, readonly [unknown, string]> = {
    'keys are sorted at every level': [
      { b: { z: 1, a: 2 }, a: [{ y: 1, x: 2 }] },
      '{"a":[{"x":2,"y":1}],"b":{"a":2,"z":1}}',
    ],
    'arrays keep their order': [['b', 'a', 3, 1], '["b","a",3,1]'],
    'nothing but what is needed is written': [
      { a: [], b: {}, c: null, d: true },
      '{"a":[],"b":{},"c":null,"d":true}',
    ],
    'absent members are left out': [{ a: undefined, b: 1 }, '{"b":1}'],
    'Go escapes <, > and &': [{ '<k>': '<a>&b' }, '{"\\u003ck\\u003e":"\\u003ca\\u003e\\u0026b"}'],
    'Go escapes the line and paragraph separators': ['\u2028|\u2029', '"\\u2028|\\u2029"'],
    'other characters are written raw': ['é😀~', '"é😀~"'],
    'quotes, backslashes and control characters are escaped': ['"\\\n\t\u0001', '"\\"\\\\\\n\\t\\u0001"'],
    '$patch goes before letters, and capitals before small ones': [
      { a: 1, B: 2, $patch: 3, _: 4 },
      '{"$patch":3,"B":2,"_":4,"a":1}',
    ],
    'a key goes before the longer ones that begin with it': [
      { ab: 1, a: 2, abc: 3, '': 4 },
      '{"":4,"a":2,"ab":1,"abc":3}',
    ],
    'numeric keys are sorted as text': [{ 10: 'b', 9: 'c', 1: 'a' }, '{"1":"a","10":"b","9":"c"}'],
    'zero and negative numbers are plain': [[0, -1, 1.5], '[0,-1,1.5]'],
  };

  it.each(Object.entries(cases))('%s', (_, [value, expected]) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  it('sorts by UTF-8 bytes: a character beyond the BMP goes after U+FF5E, as it does not in UTF-16', () => {
    const keys = ['😀', '～', 'a'];
    expect(keys.toSorted()).toEqual(['a', '😀', '～']);
    expect(canonicalJson({ '😀': 1, '～': 2, a: 3 })).toBe('{"a":3,"～":2,"😀":1}');
  });

  it('keeps integers that a double cannot hold, digit for digit', () => {
    expect(canonicalJson({ b: JSON.rawJSON('9223372036854775807'), a: 1 })).toBe(
      '{"a":1,"b":9223372036854775807}',
    );
    const text = '{"a":[9007199254740993,-9223372036854775808],"b":12345678901234567890}';
    expect(canonicalJson(parseJson(text))).toBe(text);
  });

  it('keeps a key called __proto__', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1},"b":1}');
  });
});

describe('goEscape', () => {
  it('turns compact JSON into what Go would have written', () => {
    expect(goEscape('{"a":"<&>\u2028\u2029é"}')).toBe('{"a":"\\u003c\\u0026\\u003e\\u2028\\u2029é"}');
  });

  it('changes nothing in a second pass', () => {
    const once = goEscape('{"a":"<"}');
    expect(goEscape(once)).toBe(once);
  });
});
