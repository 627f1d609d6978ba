import type { Problem } from './verdict.ts';

/**
 * Problems that stood before an update are no reason to refuse it: it may be the one that mends another.
 *
 * @param before those of the stored object; asked for only where there are any now.
 */
export function ratchet(now: readonly Problem[], before: () => readonly Problem[]): readonly Problem[] {
  if (now.length === 0) return now;
  const known = new Set(before().map(({ message }) => message));
  return now.map((problem) => (known.has(problem.message) ? { ...problem, atMost: 'warn' } : problem));
}
