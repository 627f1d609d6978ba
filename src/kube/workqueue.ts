import { RetryLimiter } from './rate-limiter.ts';

/**
 * Keys waiting to be worked on. A key is in the queue at most once, is never worked on twice at the same time,
 * and when it is added while being worked on comes up again afterwards.
 *
 * Source: client-go `workqueue`.
 */
export type Workqueue = {
  /** Keys waiting now. */
  readonly length: number;
  readonly add: (key: string) => void;
  /** Adds the key after a time; the earlier of two times counts. */
  readonly addAfter: (key: string, ms: number) => void;
  /** Adds the key after a time that grows with its failures, until it is forgotten. */
  readonly addRateLimited: (key: string) => void;
  readonly forget: (key: string) => void;
  readonly numRequeues: (key: string) => number;
  /** The next key; waits for one. Undefined once the queue is shut down and empty. */
  readonly get: () => Promise<string | undefined>;
  /** Must be called for every key that `get` gave. */
  readonly done: (key: string) => void;
  /** Takes no more keys, and ends those that wait for a time. */
  readonly shutDown: () => void;
};

/** Told what the queue does, for metrics. Times are in seconds. */
export type WorkqueueObserver = {
  readonly added: (depth: number) => void;
  readonly started: (depth: number, waitedSeconds: number) => void;
  readonly finished: (workedSeconds: number) => void;
  readonly retried: () => void;
  /** Given once: asks how long each key in hand has been worked on. */
  readonly watch: (inHand: () => readonly number[]) => void;
};

/** setTimeout takes no longer time than this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function createWorkqueue(observer?: WorkqueueObserver): Workqueue {
  return new KeyQueue(observer);
}

class KeyQueue implements Workqueue {
  readonly #order: string[] = [];
  /** With the time at which each was added. */
  readonly #dirty = new Map<string, number>();
  /** With the time at which each was given out. */
  readonly #processing = new Map<string, number>();
  readonly #waiters: ((key: string | undefined) => void)[] = [];
  readonly #timers = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>();
  readonly #limiter = new RetryLimiter();
  #head = 0;
  #closed = false;
  readonly #observer: WorkqueueObserver | undefined;

  constructor(observer: WorkqueueObserver | undefined) {
    this.#observer = observer;
    observer?.watch(() => [...this.#processing.values()].map(secondsSince));
  }

  get length(): number {
    return this.#order.length - this.#head;
  }

  readonly add = (key: string): void => {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.set(key, performance.now());
    if (!this.#processing.has(key)) this.#push(key);
    this.#observer?.added(this.length);
  };

  readonly addAfter = (key: string, ms: number): void => {
    if (this.#closed) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const at = performance.now() + ms;
    const waiting = this.#timers.get(key);
    if (waiting && waiting.at <= at) return;
    clearTimeout(waiting?.timer);
    const timer = setTimeout(
      () => {
        this.#timers.delete(key);
        this.add(key);
      },
      Math.min(ms, MAX_TIMER_MS),
    );
    this.#timers.set(key, { at, timer });
  };

  readonly addRateLimited = (key: string): void => {
    this.#observer?.retried();
    this.addAfter(key, this.#limiter.when(key));
  };

  readonly forget = (key: string): void => this.#limiter.forget(key);

  readonly numRequeues = (key: string): number => this.#limiter.retries(key);

  readonly get = (): Promise<string | undefined> => {
    const key = this.#shift();
    if (key !== undefined || this.#closed) return Promise.resolve(key);
    return new Promise((resolve) => this.#waiters.push(resolve));
  };

  readonly done = (key: string): void => {
    const startedAt = this.#processing.get(key);
    this.#processing.delete(key);
    if (startedAt !== undefined) this.#observer?.finished(secondsSince(startedAt));
    if (this.#dirty.has(key)) this.#push(key);
  };

  readonly shutDown = (): void => {
    this.#closed = true;
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    for (const waiter of this.#waiters.splice(0)) waiter(undefined);
  };

  #push(key: string): void {
    this.#order.push(key);
    const waiter = this.#waiters.shift();
    if (waiter) waiter(this.#shift());
  }

  #shift(): string | undefined {
    const key = this.#order[this.#head];
    if (key === undefined) return undefined;
    this.#head += 1;
    // Cut off what was taken, but not so often that it costs more than it saves.
    if (this.#head * 2 > this.#order.length) {
      this.#order.splice(0, this.#head);
      this.#head = 0;
    }
    const addedAt = this.#dirty.get(key) ?? performance.now();
    this.#dirty.delete(key);
    this.#processing.set(key, performance.now());
    this.#observer?.started(this.length, secondsSince(addedAt));
    return key;
  }
}

function secondsSince(time: number): number {
  return (performance.now() - time) / 1000;
}
