/**
 * Runs the task for every item at once and waits for all of them.
 *
 * @throws AggregateError with every failure, after the last one has ended.
 */
export async function inParallel<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  throwCollected(await failuresOf(items, task));
}

/** The same, but the failures are returned. */
export async function failuresOf<T>(
  items: readonly T[],
  task: (item: T) => Promise<void>,
): Promise<readonly unknown[]> {
  const results = await Promise.allSettled(items.map((item) => task(item)));
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
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
