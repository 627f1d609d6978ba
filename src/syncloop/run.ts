import type { OwnerReference } from '../api/meta.ts';
import type { Client } from '../kube/client.ts';
import { ensureNamespace } from '../kube/ensure-namespace.ts';
import { createEventRecorder } from '../kube/events.ts';
import { runLeaderElection } from '../kube/lease.ts';
import { createWorkqueue } from '../kube/workqueue.ts';
import type { Policy } from '../core/policy.ts';
import { decideMode, type Mode, type WantedMode } from '../core/probe.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { sampleCaches } from './cache-samples.ts';
import { createCaches } from '../cache/caches.ts';
import { Controller } from './controller.ts';
import { AnotherControllerError, anotherController, Probe } from './probe.ts';

export type SyncOptions = {
  readonly client: Client;
  readonly logger: Logger;
  /** Namespace of the Lease and of the probe. */
  readonly namespace: string;
  readonly leaseName: string;
  /** Names this replica in the Lease and in Events; must differ between replicas. */
  readonly identity: string;
  readonly mode: WantedMode;
  readonly concurrentSyncs: number;
  readonly policy: Policy;
  readonly metrics: Metrics;
  readonly probeTimeoutMs: number;
  /** Told whenever it becomes clear, or changes, who makes the pods; not called while another replica leads. */
  readonly onMode?: (mode: Mode) => void;
  /** Told what the loop waits for before it does its work, or undefined when it waits for nothing. */
  readonly onWaiting?: (what: string | undefined) => void;
};

/**
 * Runs the sync loop until the signal is aborted: waits for the Lease, fills the caches, asks the probe who is
 * in charge, then syncs. Caches are filled only after the Lease is ours, with consistent reads, so they show all
 * that the previous leader did.
 *
 * @throws AnotherControllerError in mode `own`, when another controller answers the probe, at start or later.
 * @throws LeaseLostError when the Lease was lost; a new process should take over.
 */
export async function runSync(options: SyncOptions, signal: AbortSignal): Promise<void> {
  const { client, logger, namespace, leaseName, identity } = options;
  await ensureNamespace(client, namespace);
  await runLeaderElection({
    client,
    namespace,
    name: leaseName,
    identity,
    logger,
    signal,
    onLeading: (isLeader) => options.metrics.leading(leaseName, isLeader),
    onNewLeader: (leader) => {
      if (leader !== identity) logger.info({ leader }, 'another replica leads; waiting to take over');
    },
    onStartedLeading: (leading, lease) => lead(options, lease, leading),
  });
}

async function lead(options: SyncOptions, lease: OwnerReference, signal: AbortSignal): Promise<void> {
  const { client, logger, namespace, leaseName, identity, metrics } = options;
  const probeName = `${leaseName}-probe`;
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const caches = createCaches(client, logger, { ended: metrics.watchEnded });
  sampleCaches(metrics, caches);
  const queue = createWorkqueue(metrics.queue('daemonset'));
  const events = createEventRecorder({
    client,
    logger,
    reportingController: 'everynode.dev/daemonset-controller',
    reportingInstance: identity,
  });
  const controller = new Controller({
    client,
    caches,
    queue,
    events,
    logger,
    concurrentSyncs: options.concurrentSyncs,
    policy: options.policy,
    metrics,
    probeKey: `${namespace}/${probeName}`,
  });
  const probe = new Probe({
    client,
    caches,
    namespace,
    name: probeName,
    owner: lease,
    timeoutMs: options.probeTimeoutMs,
  });
  const informers = Object.values(caches);
  const running = Promise.all(informers.map((informer) => informer.run(stop)));
  try {
    options.onWaiting?.('the caches to fill');
    await untilAborted(Promise.all(informers.map(({ synced }) => synced)), stop);
    options.onWaiting?.(undefined);
    if (!stop.aborted) await syncWhileAlone(options, { controller, probe }, stop);
  } finally {
    ended.abort();
    await Promise.all([running, events.flush(2_000)]);
  }
}

type Parts = { readonly controller: Controller; readonly probe: Probe };

async function syncWhileAlone(options: SyncOptions, parts: Parts, signal: AbortSignal): Promise<void> {
  const { logger, mode: wanted, onMode } = options;
  const { controller, probe } = parts;
  const key = `${options.namespace}/${options.leaseName}-probe`;
  if (wanted === 'assist') {
    // A leader in another mode may have died and left it.
    if (probe.stands) await removeProbe(probe, key, logger);
    return idle('assist was asked for', options, signal);
  }
  try {
    const answered = await probe.place(signal);
    if (decideMode(wanted, answered) === 'own') {
      logger.info({ mode: 'own' }, 'no other DaemonSet controller answered: everynode makes the pods');
      onMode?.('own');
      const alone = new AbortController();
      void probe.answered.then(() => alone.abort());
      await controller.run(AbortSignal.any([signal, alone.signal]));
      if (signal.aborted) return;
    }
    if (wanted === 'own') throw anotherController(key);
  } catch (error) {
    if (signal.aborted && !(error instanceof AnotherControllerError)) return;
    throw error;
  } finally {
    await removeProbe(probe, key, logger);
  }
  await idle('another DaemonSet controller answered the probe', options, signal);
}

async function removeProbe(probe: Probe, key: string, logger: Logger): Promise<void> {
  await probe
    .remove()
    .catch((error: unknown) => logger.warn({ err: error }, `could not remove the probe DaemonSet ${key}`));
}

async function idle(why: string, { logger, onMode }: SyncOptions, signal: AbortSignal): Promise<void> {
  logger.info({ mode: 'assist' }, `${why}: everynode makes no pods`);
  onMode?.('assist');
  await untilAborted(new Promise(() => {}), signal);
}

/** Waits for the promise, or until the signal is aborted. */
async function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const abort = (): void => aborted.resolve();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
