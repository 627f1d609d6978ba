import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;

/**
 * Attempts until one succeeds, and returns its result. Slow attempts are made less often.
 *
 * @throws what the last attempt threw, after the timeout.
 */
export async function until<T>(attempt: () => Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const started = performance.now();
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(Math.max(PAUSE_MS, performance.now() - started));
  }
}
