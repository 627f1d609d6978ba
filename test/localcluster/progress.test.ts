import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatProgress, type Progress, reporting } from '../../src/localcluster/progress.ts';

describe('formatProgress', () => {
  const news: Omit<Progress, 'state'> = { step: 2, total: 6, name: 'building etcd', seconds: 42 };

  it.each([
    ['started', '[2/6] building etcd'],
    ['running', '[2/6] building etcd (42 s)'],
    ['done', '[2/6] building etcd: done (42 s)'],
  ] as const)('%s', (state, line) => {
    expect(formatProgress({ ...news, state })).toBe(line);
  });
});

describe('reporting', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('tells the begin, every 15 s, and the end', async () => {
    const told: string[] = [];
    const { promise, resolve } = Promise.withResolvers<string>();
    const result = reporting(
      'work',
      ({ state, seconds }) => told.push(`${state} ${seconds}`),
      () => promise,
    );
    await vi.advanceTimersByTimeAsync(31_000);
    resolve('made');
    expect(await result).toBe('made');
    expect(told).toEqual(['started 0', 'running 15', 'running 30', 'done 31']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells no end of what failed', async () => {
    const told: string[] = [];
    const failing = reporting(
      'work',
      ({ state }) => told.push(state),
      () => Promise.reject(new Error('no')),
    );
    await expect(failing).rejects.toThrow('no');
    expect(told).toEqual(['started']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
