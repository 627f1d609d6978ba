/**
 * Runs the task for every item at once and waits for all of them.
 *
 * @throws AggregateError with every failure, after the last one has ended.
 */
export async function inParallel<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  throwCollected(await failuresOf(items, task));
}

/** The same, but the failures are returned, and no more than so many run at once. */
export async function failuresOf<T>(
  items: readonly T[],
  task: (item: T) => Promise<void>,
  atOnce = items.length,
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next] as T;
      next += 1;
      await task(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  return failures;
}

/** Throws one failure as it is, and several as one error that names each distinct message once. */
export function throwCollected(failures: readonly unknown[]): void {
  if (failures.length === 0) return;
  if (failures.length === 1) throw failures[0];
  const messages = new Set(
    failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))),
  );
  throw new AggregateError(failures, [...messages].join('; '));
}
