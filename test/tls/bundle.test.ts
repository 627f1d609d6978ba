import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprintsOf, sameAuthorities, unite, wantedOf, withoutEnded } from '../../src/tls/bundle.ts';
import { issueCa } from '../../src/tls/issue.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2030-06-01T00:00:00Z');
let [a, b, old, ended] = ['', '', '', ''];

beforeAll(async () => {
  const ca = async (name: string, from: number, days: number): Promise<string> =>
    (await issueCa(name, NOW - from * DAY, days * DAY)).cert;
  [a, b, old, ended] = await Promise.all([
    ca('a', 0, 10),
    ca('b', 1, 10),
    ca('old', 5, 10),
    ca('ended', 20, 10),
  ]);
});

describe('unite', () => {
  it('puts first what is wanted, and then the others, the latest first, each once', () => {
    expect(unite(a, [old + a, b], NOW)).toBe(a + b + old);
  });

  it('leaves out what has ended, unless it is wanted', () => {
    expect(unite(a, [ended], NOW)).toBe(a);
    expect(unite(ended, [a], NOW)).toBe(ended + a);
  });

  it('keeps what has only just ended: clocks differ', () => {
    const end = NOW - 10 * DAY;
    expect(unite(a, [ended], end + 3_599_000)).toBe(a + ended);
    expect(unite(a, [ended], end + 3_601_000)).toBe(a);
  });

  it('passes over what cannot be read', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(unite(a, ['# ours\n', broken + b], NOW)).toBe(a + b);
    expect(unite('', [''], NOW)).toBe('');
  });

  it('does not grow without end', async () => {
    const many = await Promise.all(
      Array.from({ length: 20 }, (_, index) => issueCa(`n${index}`, NOW - index * DAY, 100 * DAY)),
    );
    const united = unite(a, [many.map(({ cert }) => cert).join('')], NOW);
    expect(fingerprintsOf(united).size).toBe(17);
    expect(united.startsWith(a + (many[0]?.cert ?? ''))).toBe(true);
  });
});

describe('withoutEnded', () => {
  it('takes out what has ended, and leaves other bundles as they are', () => {
    expect(withoutEnded(a + ended + b, NOW)).toBe(a + b);
    expect(withoutEnded(`# ours\n${a}`, NOW)).toBe(`# ours\n${a}`);
  });
});

describe('wantedOf', () => {
  it('is what is offered and what is served with, without what has ended, but never nothing', () => {
    expect(wantedOf(a, b, NOW)).toBe(a + b);
    expect(wantedOf(a + ended, b, NOW)).toBe(a + b);
    expect(wantedOf(ended, ended, NOW)).toBe(ended);
  });
});

describe('sameAuthorities', () => {
  it('goes by what is in a bundle, not by how it is written', () => {
    expect(sameAuthorities(a + b, `# b\n${b}${a}${a}`)).toBe(true);
    expect(sameAuthorities(a + b, a)).toBe(false);
    expect(sameAuthorities(a, b)).toBe(false);
  });
});
