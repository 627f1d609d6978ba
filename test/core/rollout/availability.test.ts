import { describe, expect, it } from 'vitest';
import { availableInMs, isAvailable } from '../../../src/core/rollout/availability.ts';
import { NOW } from '../../builders/clock.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';

describe('§5.2 availability', () => {
  const cases: Record<string, readonly [PodOverrides, number, number | undefined]> = {
    'ready, without minReadySeconds': [{ readyFor: 0 }, 0, 0],
    'not ready, without minReadySeconds': [{ ready: false }, 0, undefined],
    'not ready for however long': [{ ready: false, readyFor: 9999 }, 10, undefined],
    'ready for less than minReadySeconds': [{ readyFor: 7 }, 10, 3000],
    'ready for exactly minReadySeconds': [{ readyFor: 10 }, 10, 0],
    'ready for longer': [{ readyFor: 11 }, 10, 0],
    'ready and terminating': [{ terminating: true }, 10, 0],
    'ready in a phase other than Running': [{ phase: 'Unknown', ready: true }, 10, 0],
    '§9.1.17 ready since a moment that our clock has yet to reach': [{ readyFor: -5 }, 10, 15_000],
  };

  it.each(Object.entries(cases))('%s', (_, [overrides, minReadySeconds, expected]) => {
    const p1 = pod('p1', { on: 'n1', ready: true, ...overrides });
    expect(availableInMs(p1, minReadySeconds, NOW)).toBe(expected);
    expect(isAvailable(p1, minReadySeconds, NOW)).toBe(expected === 0);
  });

  it('is not reached without a transition time, unless minReadySeconds is 0', () => {
    const { readyChangedAt: _, ...p1 } = pod('p1', { on: 'n1' });
    expect(isAvailable(p1, 1, NOW)).toBe(false);
    expect(availableInMs(p1, 1, NOW)).toBeUndefined();
    expect(isAvailable(p1, 0, NOW)).toBe(true);
  });

  it('counts milliseconds', () => {
    expect(availableInMs(pod('p1', { on: 'n1', readyFor: 9.999 }), 10, NOW)).toBe(1);
  });
});
