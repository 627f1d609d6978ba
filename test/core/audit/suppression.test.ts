import { describe, expect, it } from 'vitest';
import { acceptedBy } from '../../../src/core/audit/suppression.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const read = (text: unknown): unknown =>
  acceptedBy({ metadata: { annotations: { 'everynode.dev/ignore.privileged': text } } }, 'privileged', NOW);

describe('acceptedBy', () => {
  it('takes a reason, with or without a last day', () => {
    expect(read('reads the kernel log')).toEqual({
      holds: true,
      suppression: { reason: 'reads the kernel log' },
    });
    expect(read(' until=2026-12-31 reads the kernel log ')).toEqual({
      holds: true,
      suppression: { reason: 'reads the kernel log', until: '2026-12-31' },
    });
  });

  it('holds to the end of its last day, UTC', () => {
    expect(read('until=2026-11-21 x')).toMatchObject({ holds: true });
    expect(read('until=2026-11-20 x')).toEqual({ holds: false, why: 'ended on 2026-11-20' });
  });

  it.each([
    ['', 'gives no reason'],
    ['  ', 'gives no reason'],
    ['until=2026-12-31', 'gives no reason'],
    ['until=2026-13-45 x', 'names the day 2026-13-45, which does not exist'],
    ['until=2027-02-30 x', 'names the day 2027-02-30, which does not exist'],
  ])('does not hold for %j', (text, why) => {
    expect(read(text)).toEqual({ holds: false, why });
  });

  it.each([
    'until=tomorrow x',
    'until=2026-1-5 x',
    'until=2027-01-05, x',
    'Until: 2027-01-05 x',
    'x until=2027-01-05',
  ])('does not hold for ever for %j, which means a last day', (text) => {
    expect(read(text)).toEqual({
      holds: false,
      why: 'has a last day that cannot be read; begin with until=YYYY-MM-DD and a space',
    });
  });

  it('is none where there is none, or for another rule', () => {
    expect(read(undefined)).toBeUndefined();
    expect(read(7)).toBeUndefined();
    expect(acceptedBy({ metadata: {} }, 'privileged', NOW)).toBeUndefined();
    expect(acceptedBy(7, 'privileged', NOW)).toBeUndefined();
  });
});
