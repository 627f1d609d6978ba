import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from './backoff.ts';

/** Timers take no longer time. */
const LONGEST_REST_MS = 12 * 3_600_000;

export type WakeLoopOptions = {
  /** Returns after how many milliseconds to act again at the latest; Infinity for when it is woken. */
  readonly act: (signal: AbortSignal) => Promise<number>;
  readonly onFailure: (error: unknown) => void;
};

/**
 * Acts when it is woken and when its time has come, once at a time; what fails is tried again with back-off.
 * Being woken while it acts makes it act once more.
 */
export class WakeLoop {
  readonly #options: WakeLoopOptions;
  readonly #backoff = new Backoff(1_000, 30_000);
  #woken = Promise.withResolvers<void>();

  constructor(options: WakeLoopOptions) {
    this.#options = options;
  }

  readonly wake = (): void => this.#woken.resolve();

  /** Acts at once, and goes on until the signal is aborted. Rejects never. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#woken = Promise.withResolvers<void>();
      try {
        const restMs = await this.#options.act(signal);
        this.#backoff.reset();
        await this.#rest(restMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onFailure(error);
        await this.#backoff.wait(signal).catch(() => undefined);
      }
    }
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    void this.#woken.promise.then(() => woken.abort());
    const end = AbortSignal.any([signal, woken.signal]);
    const bounded = Math.min(Math.max(ms, 0), LONGEST_REST_MS);
    await sleep(bounded, undefined, { signal: end, ref: false }).catch(() => undefined);
  }
}
