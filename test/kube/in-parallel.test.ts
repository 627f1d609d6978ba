import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { failuresOf, inParallel, throwCollected } from '../../src/kube/in-parallel.ts';

const refused = new Error('quota exceeded');
const refusedAgain = new Error('quota exceeded');
const unreachable = new Error('no answer');

function thrownBy(failures: readonly unknown[]): unknown {
  try {
    throwCollected(failures);
  } catch (error) {
    return error;
  }
  return 'nothing';
}

describe('throwCollected', () => {
  it('throws nothing where nothing failed', () => {
    expect(thrownBy([])).toBe('nothing');
  });

  it('throws the only failure as it is', () => {
    expect(thrownBy([refused])).toBe(refused);
  });

  it('names each message of several failures once, and keeps them all', () => {
    const error = thrownBy([refused, unreachable, refusedAgain]);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({
      message: 'quota exceeded; no answer',
      errors: [refused, unreachable, refusedAgain],
    });
  });

  it('takes what is no Error for its own message', () => {
    expect(thrownBy(['odd', refused])).toMatchObject({ message: 'odd; quota exceeded' });
  });
});

describe('failuresOf', () => {
  it('runs every task although one failed, and returns the failures in order of the items', async () => {
    const ran: number[] = [];
    const failures = await failuresOf([1, 2, 3, 4], async (item) => {
      ran.push(item);
      if (item % 2 === 1) throw new Error(`task ${item}`);
    });
    expect(ran).toEqual([1, 2, 3, 4]);
    expect(failures).toEqual([new Error('task 1'), new Error('task 3')]);
  });

  it('starts all tasks before it waits for the first one', async () => {
    const started: number[] = [];
    const last = Promise.withResolvers<void>();
    await failuresOf([1, 2], async (item) => {
      started.push(item);
      if (item === 2) last.resolve();
      await last.promise;
    });
    expect(started).toEqual([1, 2]);
  });
});

describe('inParallel', () => {
  it('rejects only after the last task has ended', async () => {
    const slow = Promise.withResolvers<void>();
    let rejected = false;
    const running = inParallel(['fails', 'slow'], async (item) => {
      if (item === 'fails') throw refused;
      await slow.promise;
    });
    running.catch(() => (rejected = true));
    await nextTurn();
    expect(rejected).toBe(false);
    slow.resolve();
    await expect(running).rejects.toBe(refused);
  });

  it('resolves where every task went well', async () => {
    await expect(inParallel([1, 2], async () => {})).resolves.toBeUndefined();
  });
});
