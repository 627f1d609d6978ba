import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/kube/json.ts';

describe('parseJson', () => {
  const texts = [
    '9007199254740993',
    '-9007199254740993',
    '12345678901234567890',
    '{"a":[9223372036854775807,{"b":18446744073709551615}],"c":1}',
    '{"digits":"12345678901234567890","n":7}',
    '{"a":9007199254740991,"b":-9007199254740991}',
    '[0,-1,1.5,true,false,null,"",{}]',
    '{"unknown":{"fieldOfTheFuture":12345678901234567890}}',
  ];
  it.each(texts)('writes back digit for digit: %s', (text) => {
    expect(JSON.stringify(parseJson(text))).toBe(text);
  });

  it('keeps any whole number, wherever it stands', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.constantFrom('%', '[%]', '{"a":{"b":[1,%]}}'), (number, frame) => {
        const text = frame.replace('%', String(number));
        expect(JSON.stringify(parseJson(text))).toBe(text);
      }),
    );
  });

  it('gives plain numbers where a double can hold them, also beside those that it cannot hold', () => {
    expect(parseJson('{"a":12345678901234567890,"b":9007199254740991,"c":-0.5}')).toMatchObject({
      b: 9007199254740991,
      c: -0.5,
    });
  });

  it.each(['1e21', '12345678901234567890.5', '1.00000000000000000001', '1.2345678901234567e+25'])(
    'leaves a number that is not written as a whole one a number: %s',
    (text) => {
      expect(parseJson(text)).toBe(Number(text));
    },
  );

  it.each(['', '{', '{"a":12345678901234567890', 'nope'])('throws for what is no JSON: %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
