import { expect, it } from 'vitest';
import { until } from '../../src/localcluster/until.ts';

it('attempts until one succeeds', async () => {
  let attempts = 0;
  const attempt = async (): Promise<string> => {
    if (++attempts < 3) throw new Error('not yet');
    return 'done';
  };
  expect(await until(attempt, 5_000)).toBe('done');
  expect(attempts).toBe(3);
});

it('throws what the last attempt threw when the time is over', async () => {
  let attempts = 0;
  const failing = until(() => Promise.reject(new Error(`attempt ${++attempts}`)), 120);
  await expect(failing).rejects.toThrow(/^attempt \d+$/);
  expect(attempts).toBeGreaterThan(1);
  await expect(failing).rejects.toThrow(`attempt ${attempts}`);
});
