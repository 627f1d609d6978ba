import type { WatchObserver } from '../cache/caches.ts';
import type { Connection } from '../core/coverage/board.ts';

/** Watches end every few minutes, and are opened again at once: that is no outage. In milliseconds. */
const GRACE_MS = 2_000;

/** Whether what the caches hold is what the API server says: all their watches are open. */
export class WatchedConnection {
  readonly #graceMs: number;
  /** By kind, since when its watch is not open, by the monotonic clock. */
  readonly #closed = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #state: Connection = { reachable: true, since: Date.now() };
  #timer: NodeJS.Timeout | undefined;

  constructor(graceMs = GRACE_MS) {
    this.#graceMs = graceMs;
  }

  /** What the caches are to tell. */
  readonly observer: WatchObserver = {
    opened: (kind) => {
      this.#closed.delete(kind);
      this.#look();
    },
    ended: (kind) => {
      if (!this.#closed.has(kind)) this.#closed.set(kind, performance.now());
      this.#look();
    },
  };

  readonly state = (): Connection => this.#state;

  /** Has the listener told of a new state. Returns how to stop that. */
  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  #look(): void {
    clearTimeout(this.#timer);
    const [first] = [...this.#closed.values()].toSorted((a, b) => a - b);
    if (first === undefined) return this.#become(true, 0);
    const forMs = performance.now() - first;
    if (forMs >= this.#graceMs) return this.#become(false, forMs);
    this.#timer = setTimeout(() => this.#look(), this.#graceMs - forMs).unref();
  }

  #become(reachable: boolean, forMs: number): void {
    if (this.#state.reachable === reachable) return;
    this.#state = { reachable, since: Date.now() - Math.round(forMs) };
    for (const listener of this.#listeners) listener();
  }
}
