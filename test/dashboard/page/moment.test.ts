import { expect, it } from 'vitest';
import { formatMoment } from '../../../src/dashboard/page/moment.ts';

it('writes the time, with the day where that is another', () => {
  const now = new Date(2026, 10, 21, 12);
  expect(formatMoment(new Date(2026, 10, 21, 9, 5, 3).getTime(), now)).toBe('09:05:03');
  expect(formatMoment(new Date(2026, 10, 20, 23, 59, 59).getTime(), now)).toBe('Nov 20, 2026, 23:59:59');
});

it('begins the day at 00', () => {
  const midnight = new Date(2026, 10, 21, 0, 5);
  expect(formatMoment(midnight.getTime(), midnight)).toBe('00:05:00');
});
