/** Milliseconds. Source: client-go `DefaultTypedControllerRateLimiter`. */
const BASE_DELAY_MS = 5;
const MAX_DELAY_MS = 1_000_000;
const RETRIES_PER_SECOND = 10;
const BURST = 100;

/** How long each retry waits: longer with every failure of a key, and in all no more than ten a second. */
export class RetryLimiter {
  readonly #failures = new Map<string, number>();
  #tokens = BURST;
  #refilledAt = performance.now();

  /** Counts a failure and returns the wait in milliseconds. */
  when(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.max(Math.min(BASE_DELAY_MS * 2 ** failures, MAX_DELAY_MS), this.#reserve());
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  retries(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Takes a token, from the future if need be. */
  #reserve(): number {
    const now = performance.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#refilledAt) / 1000) * RETRIES_PER_SECOND);
    this.#refilledAt = now;
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / RETRIES_PER_SECOND) * 1000;
  }
}
