/** Asks one question again and again, as often as there is news. */
export type Asker = {
  /** What it is about may have changed. */
  readonly again: () => void;
  readonly stop: () => void;
};

/**
 * Never asks twice at once, and rests between: what changes faster than it can be answered still gets answers, the
 * last one of them of the last change.
 *
 * @param ask must not reject.
 */
export function keepAsking(ask: (gone: AbortSignal) => Promise<void>, rest: () => Promise<void>): Asker {
  const gone = new AbortController();
  let isBusy = false;
  let isWanted = false;
  const run = async (): Promise<void> => {
    isBusy = true;
    while (isWanted && !gone.signal.aborted) {
      isWanted = false;
      await ask(gone.signal);
      await rest();
    }
    isBusy = false;
  };
  return {
    again: () => {
      isWanted = true;
      if (!isBusy) void run();
    },
    stop: () => gone.abort(),
  };
}
