import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FairGate, type Outcome } from '../../src/kube/fair-gate.ts';

const FAST: Outcome = { seconds: 0.01, refused: false };
const SLOW: Outcome = { seconds: 3, refused: false };
const REFUSED: Outcome = { seconds: 0.01, refused: true };

/** Who came through, in order. */
class Passed {
  readonly order: string[] = [];
  readonly gate: FairGate;

  constructor(max: number) {
    this.gate = new FairGate(max);
  }

  ask(flow: string, count = 1, signal?: AbortSignal): void {
    for (let at = 0; at < count; at += 1) {
      this.gate.enter(flow, signal).then(
        () => this.order.push(flow),
        () => this.order.push(`${flow} gave up`),
      );
    }
  }

  async leave(count: number, outcome = FAST): Promise<void> {
    for (let at = 0; at < count; at += 1) this.gate.leave(outcome);
    await settle();
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('turns', () => {
  it('lets through no more at once than its limit', async () => {
    const passed = new Passed(3);
    passed.ask('a', 10);
    await settle();
    expect(passed.order).toHaveLength(3);
    await passed.leave(2);
    expect(passed.order).toHaveLength(5);
  });

  it('are taken by the flows one after the other, however much each has waiting', async () => {
    const passed = new Passed(1);
    passed.ask('big', 5_000);
    passed.ask('small', 2);
    passed.ask('tiny');
    for (let at = 0; at < 6; at += 1) await passed.leave(1);
    expect(passed.order).toEqual(['big', 'big', 'small', 'tiny', 'big', 'small', 'big']);
  });

  it('are given up by the signal, and passed on', async () => {
    const passed = new Passed(1);
    const end = new AbortController();
    passed.ask('a');
    passed.ask('b', 2, end.signal);
    passed.ask('c');
    end.abort();
    await passed.leave(1);
    expect(passed.order).toEqual(['a', 'b gave up', 'b gave up', 'c']);
    passed.ask('d', 1, end.signal);
    await settle();
    expect(passed.order.at(-1)).toBe('d gave up');
  });
});

describe('the limit', () => {
  const limitAfter = async (outcomes: readonly Outcome[], max = 64): Promise<number> => {
    const { gate } = new Passed(max);
    for (const outcome of outcomes) {
      await gate.enter('a');
      gate.leave(outcome);
    }
    return gate.limit;
  };
  const times = (count: number, outcome: Outcome): readonly Outcome[] =>
    Array(count).fill(outcome) as Outcome[];

  it('is the most it may be as long as answers come in good time', async () => {
    expect(await limitAfter(times(500, FAST))).toBe(64);
  });

  it('halves with a 429, and is never less than two', async () => {
    expect(await limitAfter([REFUSED])).toBe(32);
    expect(await limitAfter(times(50, REFUSED))).toBe(2);
  });

  it('comes back, one more for every round in good time', async () => {
    expect(await limitAfter([REFUSED, ...times(33, FAST)])).toBe(33);
    expect(await limitAfter([REFUSED, ...times(5_000, FAST)])).toBe(64);
  });

  it('falls by a tenth for a round of answers that took long, and is never less than two', async () => {
    expect(await limitAfter(times(51, SLOW), 50)).toBe(44);
    expect(await limitAfter(times(5_000, SLOW))).toBe(2);
  });
});

describe('Retry-After', () => {
  it('closes the gate for everybody, for that long', async () => {
    const passed = new Passed(4);
    passed.ask('a', 1);
    await settle();
    await passed.leave(1, { ...REFUSED, retryAfterSeconds: 7 });
    passed.ask('b', 2);
    await vi.advanceTimersByTimeAsync(6_900);
    expect(passed.order).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(200);
    expect(passed.order).toEqual(['a', 'b', 'b']);
  });
});
