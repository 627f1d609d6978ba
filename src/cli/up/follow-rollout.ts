import type { DaemonSet } from '../../api/daemonset.ts';
import type { ObjectKey } from '../../api/meta.ts';
import type { Client } from '../../kube/client.ts';
import { createCaches } from '../../cache/caches.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { LiveTable } from './live-table.ts';
import { isRolledOut, type RolloutView, rolloutView } from './rollout-view.ts';

export type Rollout = { readonly client: Client; readonly key: ObjectKey; readonly logger: Logger };

/** Many changes come at once; people cannot read faster than this. */
const REDRAW_MS = 100;

/**
 * Shows the rollout as it goes. Resolves with how it stands once it is complete, or with undefined when the
 * signal came first. With `forever` it goes on until the signal.
 */
export async function followRollout(
  { client, key, logger }: Rollout,
  table: LiveTable,
  signal: AbortSignal,
  { forever = false } = {},
): Promise<RolloutView | undefined> {
  const caches = createCaches(client, logger);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const done = Promise.withResolvers<RolloutView | undefined>();
  stop.addEventListener('abort', () => done.resolve(undefined), { once: true });
  if (stop.aborted) return undefined;

  const look = (): void => {
    const daemonSet: DaemonSet | undefined = caches.daemonSets.store.get(`${key.namespace}/${key.name}`);
    if (!daemonSet) return;
    const view = rolloutView(daemonSet, caches.nodes.store.list(), caches.pods.store.list(), Date.now());
    table.show(view);
    if (!forever && isRolledOut(daemonSet) && isShownAvailable(view)) done.resolve(view);
  };
  const informers = [caches.daemonSets, caches.nodes, caches.pods];
  const running = Promise.all(informers.map((informer) => informer.run(stop)));
  const timer = setInterval(look, REDRAW_MS);
  try {
    return await done.promise;
  } finally {
    clearInterval(timer);
    ended.abort();
    await running;
  }
}

/** The status may be a moment ahead of the pods that we see. */
function isShownAvailable({ nodes, desired }: RolloutView): boolean {
  return nodes.filter(({ eligible, available }) => eligible && available).length >= desired;
}
