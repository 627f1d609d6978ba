import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RetryLimiter } from '../../src/kube/rate-limiter.ts';
import { pass, restoreTime, stopTime } from '../fakes/clock.ts';

beforeEach(stopTime);
afterEach(restoreTime);

const times = <T>(count: number, of: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => of(at));

describe('§7.1 the wait of a key', () => {
  it('doubles with every failure, up to 1000 s', () => {
    const limiter = new RetryLimiter();
    expect(times(20, () => limiter.when('a'))).toEqual([
      5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480, 40_960, 81_920, 163_840, 327_680,
      655_360, 1_000_000, 1_000_000,
    ]);
  });

  it('stays at 1000 s however often it fails', async () => {
    const limiter = new RetryLimiter();
    for (let at = 0; at < 2_000; at += 1) limiter.when('a');
    await pass(10_000_000);
    expect(limiter.when('a')).toBe(1_000_000);
  });

  it('grows by its own failures only', () => {
    const limiter = new RetryLimiter();
    limiter.when('a');
    limiter.when('a');
    expect(limiter.when('b')).toBe(5);
    expect([limiter.retries('a'), limiter.retries('b'), limiter.retries('c')]).toEqual([2, 1, 0]);
  });

  it('begins again when the key is forgotten', () => {
    const limiter = new RetryLimiter();
    limiter.when('a');
    limiter.when('a');
    limiter.forget('a');
    expect(limiter.retries('a')).toBe(0);
    expect(limiter.when('a')).toBe(5);
  });
});

describe('§7.1 all keys together', () => {
  it('get 100 retries at once, and then ten a second', () => {
    const limiter = new RetryLimiter();
    expect(times(100, (at) => limiter.when(`key-${at}`))).toEqual(times(100, () => 5));
    expect(times(5, (at) => limiter.when(`late-${at}`))).toEqual([100, 200, 300, 400, 500]);
  });

  it('earn ten a second', async () => {
    const limiter = new RetryLimiter();
    times(100, (at) => limiter.when(`key-${at}`));
    await pass(1_000);
    expect(times(11, (at) => limiter.when(`late-${at}`))).toEqual([...times(10, () => 5), 100]);
  });

  it('save up no more than 100', async () => {
    const limiter = new RetryLimiter();
    await pass(3_600_000);
    expect(times(101, (at) => limiter.when(`key-${at}`)).at(-1)).toBe(100);
  });
});
