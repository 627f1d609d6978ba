import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createWorkqueue } from '../../src/kube/workqueue.ts';

/** What the queue has to do, without care for speed. */
class Model {
  readonly waiting: string[] = [];
  readonly given: (string | undefined)[] = [];
  readonly #processing = new Set<string>();
  readonly #again = new Set<string>();
  readonly #getters: number[] = [];
  #closed = false;

  add(key: string): void {
    if (this.#closed) return;
    if (this.#processing.has(key)) this.#again.add(key);
    else if (!this.waiting.includes(key)) this.waiting.push(key);
    this.#give();
  }

  get(): void {
    this.#getters.push(this.given.push(undefined) - 1);
    this.#give();
  }

  done(): string | undefined {
    const [key] = this.#processing;
    if (key === undefined) return undefined;
    this.#processing.delete(key);
    if (this.#again.delete(key)) this.waiting.push(key);
    this.#give();
    return key;
  }

  shutDown(): void {
    this.#closed = true;
    this.#give();
  }

  #give(): void {
    while (this.#getters.length > 0 && this.waiting.length > 0) {
      const key = this.waiting.shift() ?? '';
      this.#processing.add(key);
      this.given[this.#getters.shift() ?? -1] = key;
    }
    if (this.#closed) this.#getters.splice(0);
  }
}

type Step = { readonly kind: 'add'; readonly key: string } | { readonly kind: 'get' | 'done' | 'shutDown' };

const key = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('add' as const), key }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('get' as const) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('done' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shutDown' as const) }) },
);

it('gives the keys that the model gives, whatever the order of calls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const queue = createWorkqueue();
      const model = new Model();
      const given: (string | undefined)[] = [];
      for (const step of steps) {
        switch (step.kind) {
          case 'add':
            model.add(step.key);
            queue.add(step.key);
            break;
          case 'get': {
            model.get();
            const at = given.push(undefined) - 1;
            void queue.get().then((key) => (given[at] = key));
            break;
          }
          case 'done': {
            const key = model.done();
            if (key !== undefined) queue.done(key);
            break;
          }
          case 'shutDown':
            model.shutDown();
            queue.shutDown();
        }
        expect(queue.length).toBe(model.waiting.length);
      }
      await turn();
      expect(given).toEqual(model.given);
    }),
    { numRuns: 500 },
  );
});

it('workers never hold one key at the same time, and work on it after the last time it was added', async () => {
  const adds = fc.array(fc.record({ key, turns: fc.nat(2) }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(adds, fc.integer({ min: 2, max: 4 }), fc.nat(3), async (adds, workers, workTurns) => {
      const queue = createWorkqueue();
      const inHand = new Set<string>();
      const pending = new Set<string>();
      const work = async (): Promise<void> => {
        for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
          expect(inHand).not.toContain(key);
          inHand.add(key);
          pending.delete(key);
          for (let turns = 0; turns < workTurns; turns += 1) await turn();
          inHand.delete(key);
          queue.done(key);
        }
      };
      const working = Array.from({ length: workers }, work);
      for (const { key, turns } of adds) {
        pending.add(key);
        queue.add(key);
        for (let at = 0; at < turns; at += 1) await turn();
      }
      do await turn();
      while (queue.length > 0 || inHand.size > 0);
      expect(pending).toEqual(new Set());
      queue.shutDown();
      await Promise.all(working);
    }),
  );
});
