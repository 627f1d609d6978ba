/** What came of a request that was let through. `seconds`: how long it took. */
export type Outcome = {
  readonly seconds: number;
  /** The server had too much to do (429). */
  readonly refused: boolean;
  readonly retryAfterSeconds?: number | undefined;
};

/** Above this the server is taken for overloaded. */
const SLOW_SECONDS = 1;
const MIN = 2;

/**
 * Lets through as many requests at once as the server bears, and none of the flows more often than the others
 * while they wait: whoever makes ten pods is not held up by whoever makes five thousand.
 *
 * How many that is adapts, from `max` down: half after 429, a tenth fewer for a round of answers that took over a
 * second, one more for a round in good time; and none at all while the server asked to be left alone. There is no rate: the
 * server's own flow control is the brake.
 */
export class FairGate {
  readonly #max: number;
  /** Waiting requests by flow, in the order of their turns. */
  readonly #flows = new Map<string, (() => void)[]>();
  #limit: number;
  #inFlight = 0;
  #closedUntil = 0;
  #opening: NodeJS.Timeout | undefined;

  /** @param max most requests at once, whatever the server bears. */
  constructor(max: number) {
    this.#max = max;
    this.#limit = max;
  }

  /** Requests that may be under way at once, as of now. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /**
   * Waits for the flow's turn. Whoever came through must call `leave`.
   *
   * @throws AbortError, and gives up the turn, when the signal is aborted.
   */
  enter(flow: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#flows.get(flow) ?? [];
      const giveUp = (): void => {
        const at = waiting.indexOf(pass);
        if (at >= 0) waiting.splice(at, 1);
        if (waiting.length === 0 && this.#flows.get(flow) === waiting) this.#flows.delete(flow);
        reject(signal?.reason as Error);
      };
      const pass = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      signal?.addEventListener('abort', giveUp, { once: true });
      waiting.push(pass);
      if (waiting.length === 1) this.#flows.set(flow, waiting);
      this.#admit();
    });
  }

  leave({ seconds, refused, retryAfterSeconds = 0 }: Outcome): void {
    this.#inFlight -= 1;
    if (refused) {
      this.#limit = Math.max(MIN, this.#limit / 2);
      this.#closedUntil = Math.max(this.#closedUntil, performance.now() + retryAfterSeconds * 1000);
    } else if (seconds > SLOW_SECONDS) {
      // A tenth for a round of as many answers as may be under way.
      this.#limit = Math.max(MIN, this.#limit - 0.1);
    } else {
      this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit);
    }
    this.#admit();
  }

  #admit(): void {
    const wait = this.#closedUntil - performance.now();
    if (wait > 0) {
      if (this.#opening) return;
      this.#opening = setTimeout(() => {
        this.#opening = undefined;
        this.#admit();
      }, wait).unref();
      return;
    }
    while (this.#inFlight < this.limit) {
      const next = this.#takeTurn();
      if (!next) return;
      this.#inFlight += 1;
      next();
    }
  }

  /** The first request of the flow whose turn it is; that flow is last in line then. */
  #takeTurn(): (() => void) | undefined {
    for (const [flow, waiting] of this.#flows) {
      this.#flows.delete(flow);
      const next = waiting.shift();
      if (waiting.length > 0) this.#flows.set(flow, waiting);
      if (next) return next;
    }
    return undefined;
  }
}
