import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Backoff } from '../../src/kube/backoff.ts';
import { pass, passUntil, restoreTime, stopTime } from '../fakes/clock.ts';

beforeAll(stopTime);
afterAll(restoreTime);
afterEach(() => void vi.restoreAllMocks());

/** The waits that follow each other, in milliseconds. */
async function waits(backoff: Backoff, count: number, atLeastSeconds?: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const started = performance.now();
    await passUntil(backoff.wait(undefined, atLeastSeconds), 1);
    found.push(performance.now() - started);
  }
  return found;
}

describe('Backoff', () => {
  it('doubles from the first wait to the longest, and stays there', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    expect(await waits(new Backoff(10, 100), 6)).toEqual([10, 20, 40, 80, 100, 100]);
  });

  it('adds up to half of the wait by chance', async () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.5).mockReturnValueOnce(1);
    expect(await waits(new Backoff(40, 40), 2)).toEqual([50, 60]);
  });

  it('begins again after reset', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const backoff = new Backoff(10, 100);
    await waits(backoff, 3);
    backoff.reset();
    expect(await waits(backoff, 2)).toEqual([10, 20]);
  });

  it('waits as long as the server asks, and doubles all the same', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const backoff = new Backoff(10, 1_000);
    expect(await waits(backoff, 2, 0.1)).toEqual([100, 100]);
    expect(await waits(backoff, 2, 0.05)).toEqual([50, 80]);
  });

  it('is not fooled by a server that asks for more than a timer can take', async () => {
    const stop = new AbortController();
    let isOver = false;
    const waiting = new Backoff(10, 10).wait(stop.signal, 2 ** 40).finally(() => (isOver = true));
    await pass(60_000);
    expect(isOver).toBe(false);
    stop.abort();
    await expect(waiting).rejects.toThrow();
  });

  it('ends at once when the signal is aborted', async () => {
    const stop = new AbortController();
    const waiting = new Backoff(1_000, 1_000).wait(stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not begin when the signal was aborted before', async () => {
    await expect(new Backoff(1_000, 1_000).wait(AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('leaves no timer behind', async () => {
    const before = vi.getTimerCount();
    const stop = new AbortController();
    const waiting = new Backoff(1_000, 1_000).wait(stop.signal);
    stop.abort();
    await waiting.catch(() => undefined);
    await passUntil(new Backoff(10, 10).wait(new AbortController().signal));
    await pass(0);
    expect(vi.getTimerCount()).toBe(before);
  });
});
