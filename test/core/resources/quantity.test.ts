import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatQuantity, NANO, parseQuantity } from '../../../src/core/resources/quantity.ts';

describe('a quantity', () => {
  it.each<[string | number, bigint]>([
    ['0', 0n],
    [2, 2n * NANO],
    ['250m', 250_000_000n],
    ['0.1', 100_000_000n],
    ['.5', 500_000_000n],
    ['1.', NANO],
    ['1Ki', 1024n * NANO],
    ['1.5Gi', 1536n * 1024n * 1024n * NANO],
    ['0.3Ki', 307_200_000_000n],
    ['1e3', 1000n * NANO],
    ['12E', 12n * 10n ** 18n * NANO],
    ['2E-1', 200_000_000n],
    ['100n', 100n],
    ['0.1n', 1n],
    ['9223372036854775807', 9223372036854775807n * NANO],
    ['-1m', -1_000_000n],
  ])('%s', (text, nano) => {
    expect(parseQuantity(text)).toBe(nano);
  });

  it.each(['', 'm', '1 Gi', '1gi', '1Kim', 'Gi', 'NaN', '1e400', '0x10'])('is not %j', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it('of more is never less', () => {
    const amounts = fc.tuple(
      fc.nat(),
      fc.nat(),
      fc.constantFrom('', 'm', 'u', 'n', 'k', 'E', 'Ki', 'Ei', 'e2'),
    );
    fc.assert(
      fc.property(amounts, ([a, b, suffix]) => {
        const [x, y] = [parseQuantity(`${a}${suffix}`) ?? -1n, parseQuantity(`${b}${suffix}`) ?? -1n];
        expect(x < y).toBe(a < b);
        expect(parseQuantity(`${a}.0${suffix}`)).toBe(x);
      }),
    );
  });

  it.each([
    ['cpu', '2', '2'],
    ['cpu', '0.25', '250m'],
    ['cpu', '100u', '1m'],
    ['memory', '1.5Gi', '1.5Gi'],
    ['memory', '200Mi', '200Mi'],
    ['memory', '1000', '1000'],
    ['ephemeral-storage', '1G', '953.7Mi'],
    ['pods', '110', '110'],
    ['nvidia.com/gpu', '1', '1'],
  ])('of %s %s reads %s', (resource, text, shown) => {
    expect(formatQuantity(resource, parseQuantity(text) ?? 0n)).toBe(shown);
  });
});
