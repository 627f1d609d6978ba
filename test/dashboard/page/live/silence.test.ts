import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchSilence } from '../../../../src/dashboard/page/live/silence.ts';
import { BEAT_MS } from '../../../../src/dashboard/wire.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

it('tells once of one who spoke and then says nothing any more', () => {
  const told = vi.fn();
  const watch = watchSilence(told);
  vi.advanceTimersByTime(10 * BEAT_MS);
  expect(told).not.toHaveBeenCalled();
  watch.heard();
  for (let beats = 0; beats < 10; beats += 1) {
    vi.advanceTimersByTime(2 * BEAT_MS);
    watch.heard();
  }
  expect(told).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10 * BEAT_MS);
  expect(told).toHaveBeenCalledOnce();
});

it('tells nothing when it was stopped', () => {
  const told = vi.fn();
  const watch = watchSilence(told);
  watch.heard();
  watch.stop();
  vi.advanceTimersByTime(10 * BEAT_MS);
  expect(told).not.toHaveBeenCalled();
});
