import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClusterCaches } from '../cache/cluster-caches.ts';

/** How long one turn may keep everybody else waiting. */
const TURN_MS = 20;

/** Of the time that looking took, so long is rested: a big cluster costs a part of the processor and not all of it. */
export const REST_FACTOR = 4;

/** One item after the other, with a turn for everybody else wherever it has taken long. */
export async function* inTurns<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  let began = performance.now();
  for (const item of items) {
    yield item;
    if (performance.now() - began < TURN_MS) continue;
    await nextTurn();
    began = performance.now();
  }
}

/** Waits until there is something to look at, or for the signal. */
export async function untilFilled(
  { daemonSetsSynced }: Pick<ClusterCaches, 'daemonSetsSynced'>,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const ended = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await Promise.race([daemonSetsSynced, ended]);
}
