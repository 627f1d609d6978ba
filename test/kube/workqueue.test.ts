import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createWorkqueue, type Workqueue } from '../../src/kube/workqueue.ts';
import { pass, restoreTime, stopTime } from '../fakes/clock.ts';

beforeAll(stopTime);
afterAll(restoreTime);

function queueOf(...keys: readonly string[]): Workqueue {
  const queue = createWorkqueue();
  for (const key of keys) queue.add(key);
  return queue;
}

/** All keys that are waiting, in the order in which they are given. */
async function drain(queue: Workqueue): Promise<readonly (string | undefined)[]> {
  const keys: (string | undefined)[] = [];
  while (queue.length > 0) keys.push(await queue.get());
  return keys;
}

describe('§7.1 add', () => {
  it('puts keys in line', async () => {
    const queue = queueOf('a', 'b', 'c');
    expect(queue.length).toBe(3);
    expect(await drain(queue)).toEqual(['a', 'b', 'c']);
  });

  it('of a key that is waiting does nothing', async () => {
    expect(await drain(queueOf('a', 'b', 'a', 'a'))).toEqual(['a', 'b']);
  });

  it('of a key that is being worked on brings it up again afterwards, once', async () => {
    const queue = queueOf('a');
    await queue.get();
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await drain(queue)).toEqual(['a']);
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('takes any text as a key, also none', async () => {
    expect(await drain(queueOf('', 'constructor'))).toEqual(['', 'constructor']);
  });
});

describe('get', () => {
  it('waits for a key, and the first who waits gets the first', async () => {
    const queue = createWorkqueue();
    const got = [queue.get(), queue.get()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all(got)).toEqual(['a', 'b']);
    expect(queue.length).toBe(0);
  });

  it('waits for a key that comes up again', async () => {
    const queue = queueOf('a');
    await queue.get();
    const got = queue.get();
    queue.add('a');
    queue.done('a');
    expect(await got).toBe('a');
  });

  it('keeps the order over very many keys', async () => {
    const keys = Array.from({ length: 10_000 }, (_, at) => `key-${at}`);
    const queue = queueOf(...keys);
    const first = await Promise.all(keys.slice(0, 7_000).map(() => queue.get()));
    queue.add('late');
    expect([...first, ...(await drain(queue))]).toEqual([...keys, 'late']);
  });
});

describe('addAfter', () => {
  it('adds when the time is over, and not before', async () => {
    const queue = createWorkqueue();
    queue.addAfter('a', 50);
    await pass(49);
    expect(queue.length).toBe(0);
    await pass(1);
    expect(await drain(queue)).toEqual(['a']);
  });

  it('of no time adds at once', () => {
    const queue = createWorkqueue();
    queue.addAfter('a', 0);
    queue.addAfter('b', -5);
    expect(queue.length).toBe(2);
  });

  it.each([
    ['first', 50, 100],
    ['last', 100, 50],
  ])('twice counts the earlier time, given %s', async (_, one, other) => {
    const queue = createWorkqueue();
    queue.addAfter('a', one);
    queue.addAfter('a', other);
    await pass(50);
    expect(await drain(queue)).toEqual(['a']);
    queue.done('a');
    await pass(1_000);
    expect(queue.length).toBe(0);
  });

  it('gives keys in the order of their times', async () => {
    const queue = createWorkqueue();
    for (const [key, ms] of [
      ['c', 30],
      ['a', 10],
      ['b', 20],
    ] as const)
      queue.addAfter(key, ms);
    await pass(30);
    expect(await drain(queue)).toEqual(['a', 'b', 'c']);
  });

  it('of a key that is worked on by then brings it up again afterwards', async () => {
    const queue = queueOf('a');
    queue.addAfter('a', 50);
    await queue.get();
    await pass(50);
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(await drain(queue)).toEqual(['a']);
  });

  it('of more than setTimeout can take is not at once', async () => {
    const queue = createWorkqueue();
    queue.addAfter('a', 2 ** 40);
    await pass(1_000);
    expect(queue.length).toBe(0);
    queue.shutDown();
  });
});

describe('addRateLimited', () => {
  it('waits longer with every failure, and forget begins again', async () => {
    const queue = createWorkqueue();
    for (const wait of [5, 10, 20]) {
      queue.addRateLimited('a');
      await pass(wait - 1);
      expect(queue.length).toBe(0);
      await pass(1);
      expect(await drain(queue)).toEqual(['a']);
      queue.done('a');
    }
    expect(queue.numRequeues('a')).toBe(3);
    queue.forget('a');
    expect(queue.numRequeues('a')).toBe(0);
    queue.addRateLimited('a');
    await pass(5);
    expect(queue.length).toBe(1);
  });
});

describe('shutDown', () => {
  it('ends those who wait', async () => {
    const queue = createWorkqueue();
    const got = [queue.get(), queue.get()];
    queue.shutDown();
    expect(await Promise.all(got)).toEqual([undefined, undefined]);
  });

  it('still gives what is waiting, and what comes up again, and then ends', async () => {
    const queue = queueOf('a', 'b');
    await queue.get();
    queue.add('a');
    queue.shutDown();
    expect(await queue.get()).toBe('b');
    queue.done('a');
    expect(await queue.get()).toBe('a');
    expect(await queue.get()).toBeUndefined();
  });

  it('takes no more keys, neither now nor later', async () => {
    const queue = createWorkqueue();
    const timers = vi.getTimerCount();
    queue.addAfter('early', 50);
    queue.shutDown();
    queue.add('a');
    queue.addAfter('late', 50);
    queue.addRateLimited('later');
    expect(vi.getTimerCount()).toBe(timers);
    await pass(1_000);
    expect(queue.length).toBe(0);
    expect(await queue.get()).toBeUndefined();
  });
});

it('the observer is told of the depth, of waits and of work', async () => {
  const told: (readonly [string, ...(readonly number[])])[] = [];
  let inHand: () => readonly number[] = () => [];
  const queue = createWorkqueue({
    added: (depth) => told.push(['added', depth]),
    started: (depth, waited) => told.push(['started', depth, waited]),
    finished: (worked) => told.push(['finished', worked]),
    retried: () => told.push(['retried']),
    watch: (ask) => (inHand = ask),
  });
  queue.add('a');
  queue.add('a');
  queue.add('b');
  await pass(2_000);
  await queue.get();
  await pass(3_000);
  expect(inHand()).toEqual([3]);
  queue.done('a');
  expect(inHand()).toEqual([]);
  queue.addRateLimited('b');
  expect(told).toEqual([['added', 1], ['added', 2], ['started', 1, 2], ['finished', 3], ['retried']]);
});
