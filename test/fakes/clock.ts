import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { vi } from 'vitest';

const original = timers.setTimeout;

/**
 * Stops the time of timers, Date and performance.now until `pass` lets it go on. Sockets go on as ever, and so
 * does AbortSignal.timeout. To be called once a file: undici keeps the first timer that it gets.
 */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  timers.setTimeout = sleep as typeof timers.setTimeout;
  syncBuiltinESMExports();
}

export function restoreTime(): void {
  vi.useRealTimers();
  timers.setTimeout = original;
  syncBuiltinESMExports();
}

/** Lets time pass, and what is under way on sockets come through. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await settle();
}

/** Lets time pass a step at a time, so that what happens on sockets happens in between. */
export async function passInSteps(ms: number, stepMs = 50): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await vi.advanceTimersByTimeAsync(Math.min(stepMs, ms - passed));
    for (let turns = 0; turns < 10; turns += 1) await turn();
  }
}

/** Lets time pass, a step at a time, until the promise settles. */
export async function passUntil<T>(promise: Promise<T>, stepMs = 50): Promise<T> {
  let settled = false;
  const end = (): void => void (settled = true);
  promise.then(end, end);
  while (!settled) await passInSteps(stepMs, stepMs);
  return promise;
}

/** Waits for something that sockets bring, without time passing. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

/** Enough turns of the event loop for a request to go out and its answer to come in, without time passing. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 50; turns += 1) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** vitest leaves timers/promises alone. */
function sleep(ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    }, ms);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
