/** Creations, and likewise deletions, of one DaemonSet under way at once: few enough to stop when it changes. */
export const AT_ONCE = 64;

/**
 * How many creations may be under way at once: one more than have succeeded since the last refusal. Answered in
 * time that is 1, 2, 4, 8, …, without waiting for the slowest of each batch. A refusal for all (a quota, an
 * admission policy) costs a few calls and not thousands; what has worked is remembered for the next sync.
 *
 * Source: upstream `slowStartBatch`, `SlowStartInitialBatchSize`.
 */
export class SlowStart {
  #inARow = 0;

  get window(): number {
    return Math.min(this.#inARow + 1, AT_ONCE);
  }

  succeeded(): void {
    this.#inARow += 1;
  }

  refused(): void {
    this.#inARow = 0;
  }

  /**
   * Runs the task for the items in their order, as many at once as the window allows. The first failure lets no
   * more begin; those under way end.
   *
   * @param task resolves to false when no more shall begin although nothing failed.
   * @returns what the tasks threw.
   */
  async run<T>(items: readonly T[], task: (item: T) => Promise<boolean>): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    const ended = Promise.withResolvers<void>();
    let underWay = 0;
    let next = 0;
    let stopped = false;
    const begin = async (item: T): Promise<void> => {
      underWay += 1;
      try {
        if (await task(item)) this.succeeded();
        else stopped = true;
      } catch (error) {
        this.refused();
        stopped = true;
        failures.push(error);
      }
      underWay -= 1;
      fill();
    };
    const mayBegin = (): boolean => !stopped && next < items.length && underWay < this.window;
    const fill = (): void => {
      while (mayBegin()) {
        void begin(items[next] as T);
        next += 1;
      }
      if (underWay === 0) ended.resolve();
    };
    fill();
    await ended.promise;
    return failures;
  }
}
