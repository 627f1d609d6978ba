import { describe, expect, it } from 'vitest';
import {
  type BackoffEntry,
  failedPodVerdict,
  isExpired,
} from '../../../src/core/placement/failed-pod-backoff.ts';
import { NOW, secondsAgo } from '../../builders/clock.ts';

const MINUTES_15 = 15 * 60;
const entry = (delaySeconds: number, secondsPast: number): BackoffEntry => ({
  delayMs: delaySeconds * 1000,
  since: secondsAgo(secondsPast),
});

describe('§3.5 failed pods back off from 1 s to 15 min', () => {
  it('replaces the first failed pod at once and starts with 1 s', () => {
    expect(failedPodVerdict(undefined, NOW)).toEqual({
      kind: 'replace',
      next: { delayMs: 1000, since: NOW },
    });
  });

  it('waits for the exact rest of the delay', () => {
    expect(failedPodVerdict(entry(8, 5), NOW)).toEqual({ kind: 'wait', remainingMs: 3000 });
  });

  it('waits for the last millisecond', () => {
    const almost = { delayMs: 1000, since: NOW - 999 };
    expect(failedPodVerdict(almost, NOW)).toEqual({ kind: 'wait', remainingMs: 1 });
  });

  it('replaces exactly at the end of the delay and doubles it', () => {
    expect(failedPodVerdict(entry(1, 1), NOW)).toEqual({
      kind: 'replace',
      next: { delayMs: 2000, since: NOW },
    });
  });

  it('doubles up to 15 min and no further', () => {
    const delays: number[] = [];
    let last: BackoffEntry | undefined;
    for (let attempt = 0; attempt < 13; attempt += 1) {
      const at: number = last ? last.since + last.delayMs : NOW;
      const verdict = failedPodVerdict(last, at);
      if (verdict.kind !== 'replace') throw new Error('expected a replacement at the end of each delay');
      last = verdict.next;
      delays.push(last.delayMs / 1000);
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it('starts anew more than 30 min after the last failure', () => {
    const { since, ...rest } = entry(MINUTES_15, 2 * MINUTES_15);
    expect(failedPodVerdict({ ...rest, since }, NOW)).toMatchObject({ next: { delayMs: MINUTES_15 * 1000 } });
    expect(failedPodVerdict({ ...rest, since: since - 1 }, NOW)).toMatchObject({ next: { delayMs: 1000 } });
  });

  it('is expired after 30 min, not at 30 min', () => {
    expect(isExpired(entry(1, 2 * MINUTES_15), NOW)).toBe(false);
    expect(isExpired({ delayMs: 1000, since: secondsAgo(2 * MINUTES_15) - 1 }, NOW)).toBe(true);
  });
});
