import { setTimeout as sleep } from 'node:timers/promises';

/** setTimeout takes no longer time than this, and takes a longer one for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Delays that double from `initialMs` to `maxMs`, each with up to its half added at random. */
export class Backoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  #nextMs: number;

  constructor(initialMs: number, maxMs: number) {
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
    this.#nextMs = initialMs;
  }

  reset(): void {
    this.#nextMs = this.#initialMs;
  }

  /** Waits; at least as long as the server asked for. @throws AbortError when the signal is aborted. */
  async wait(signal: AbortSignal | undefined, atLeastSeconds = 0): Promise<void> {
    const delay = this.#nextMs * (1 + Math.random() / 2);
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs);
    const ms = Math.min(Math.max(delay, atLeastSeconds * 1000), MAX_TIMER_MS);
    await sleep(ms, undefined, signal ? { signal } : {});
  }
}
