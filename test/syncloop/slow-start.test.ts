import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlowStart } from '../../src/syncloop/slow-start.ts';

/** Tasks that end when they are told to. */
class Tasks {
  readonly begun: number[] = [];
  #open: { readonly resolve: (goOn: boolean) => void; readonly reject: (error: Error) => void }[] = [];

  readonly task = (item: number): Promise<boolean> => {
    this.begun.push(item);
    return new Promise((resolve, reject) => this.#open.push({ resolve, reject }));
  };

  get underWay(): number {
    return this.#open.length;
  }

  async end(outcome: 'well' | 'badly' | 'enough' = 'well', count = this.#open.length): Promise<void> {
    for (const { resolve, reject } of this.#open.splice(0, count)) {
      if (outcome === 'badly') reject(new Error('refused'));
      else resolve(outcome === 'well');
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const items = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

describe('slow start', () => {
  it('has twice as many under way after each round that went well, in the order of the items', async () => {
    const tasks = new Tasks();
    const running = new SlowStart().run(items(40), tasks.task);
    const rounds: number[] = [];
    while (tasks.underWay > 0) {
      rounds.push(tasks.underWay);
      await tasks.end();
    }
    expect(await running).toEqual([]);
    expect(rounds).toEqual([1, 2, 4, 8, 16, 9]);
    expect(tasks.begun).toEqual(items(40));
  });

  it('does not wait for the slowest of a round', async () => {
    const tasks = new Tasks();
    void new SlowStart().run(items(40), tasks.task);
    await tasks.end();
    await tasks.end('well', 1);
    expect(tasks.underWay).toBe(3);
  });

  it('remembers what has worked, and forgets it with a refusal', async () => {
    const slowStart = new SlowStart();
    const tasks = new Tasks();
    void slowStart.run(items(3), tasks.task);
    await tasks.end();
    await tasks.end();
    expect(slowStart.window).toBe(4);
    const again = slowStart.run(items(9), tasks.task);
    expect(tasks.underWay).toBe(4);
    await tasks.end('badly');
    expect(await again).toHaveLength(4);
    expect(slowStart.window).toBe(1);
  });

  it('begins nothing after a refusal, nor after a task that says so', async () => {
    for (const outcome of ['badly', 'enough'] as const) {
      const tasks = new Tasks();
      const running = new SlowStart().run(items(9), tasks.task);
      await tasks.end();
      await tasks.end(outcome, 1);
      await tasks.end();
      expect(await running).toHaveLength(outcome === 'badly' ? 1 : 0);
      expect(tasks.begun).toEqual([0, 1, 2]);
    }
  });

  it('costs no more calls than twice those that went well and one, when all others are refused', async () => {
    const property = fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 100 }), async (good, count) => {
      let calls = 0;
      const failures = await new SlowStart().run(items(count), async () => {
        calls += 1;
        if (calls > good) throw new Error('quota');
        return true;
      });
      expect(calls).toBeLessThanOrEqual(2 * good + 1);
      expect(failures.length).toBe(calls - Math.min(good, calls));
    });
    await fc.assert(property);
  });

  it('has nothing to do for nothing', async () => {
    expect(await new SlowStart().run([], async () => true)).toEqual([]);
  });
});
