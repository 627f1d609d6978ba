import type { DaemonSet } from '../api/daemonset.ts';
import { PODS } from '../api/kinds.ts';
import { isEmptyPlan, type Plan } from '../core/plan.ts';
import type { Policy } from '../core/policy.ts';
import { reconcile } from '../core/reconcile.ts';
import { podRecord } from '../core/records/records.ts';
import type { Client } from '../kube/client.ts';
import type { EventRecorder } from '../kube/events.ts';
import { compareResourceVersions } from '../kube/resource-version.ts';
import type { Workqueue } from '../kube/workqueue.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { applyPlan } from './apply.ts';
import type { ApplyContext } from './apply-context.ts';
import type { Caches } from '../cache/caches.ts';
import { SortedNodes } from '../cache/sorted-nodes.ts';
import { gather } from './gather.ts';
import { DaemonSetMemory, EXPECTATIONS_TIMEOUT_MS } from './memory.ts';
import { enqueueOnChanges } from './enqueue.ts';
import { WriteLag } from './write-lag.ts';
import { formatSelector } from '../core/scheduling/format-selector.ts';

export type ControllerOptions = {
  readonly client: Client;
  readonly caches: Caches;
  readonly queue: Workqueue;
  readonly events: EventRecorder;
  readonly logger: Logger;
  /** DaemonSets synced at the same time; one DaemonSet never twice. */
  readonly concurrentSyncs: number;
  readonly policy: Policy;
  readonly metrics: Metrics;
  /** The DaemonSet that is left alone, because an answer to it is what gives another controller away. */
  readonly probeKey: string;
};

/** A sync that took 5 ms to decide rests for 20 ms; several share the time. */
const REST_FACTOR = 4;
const MAX_REST_MS = 250;

/** Runs syncs for the keys in the queue until the signal ends it. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #nodes: SortedNodes;
  readonly #lag: WriteLag;
  /** Keys that are being worked on, or rest afterwards. */
  #inHand = 0;
  /** By DaemonSet uid, so that one re-created under the same name starts clean. */
  readonly #memories = new Map<string, DaemonSetMemory>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#nodes = new SortedNodes(options.caches);
    this.#lag = new WriteLag(options.caches.pods, (seconds) => options.metrics.cacheLag('Pod', seconds));
    enqueueOnChanges(options);
    options.caches.daemonSets.onChange((change) => {
      if (change.type === 'delete') this.#memories.delete(change.old.metadata.uid);
    });
  }

  /** Resolves when the signal was aborted and the syncs in hand have ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, concurrentSyncs } = this.#options;
    const stop = (): void => queue.shutDown();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await Promise.all(Array.from({ length: concurrentSyncs }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { queue, logger, metrics } = this.#options;
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      this.#inHand += 1;
      let cost = 0;
      try {
        if (!signal.aborted) cost = await this.#sync(key, signal);
        queue.forget(key);
        metrics.synced('success');
      } catch (error) {
        if (!signal.aborted) {
          metrics.synced('error');
          logger.warn(
            { daemonSet: key, retries: queue.numRequeues(key), err: error },
            'sync failed, trying again',
          );
          queue.addRateLimited(key);
        }
      } finally {
        this.#rest(key, cost);
      }
    }
  }

  /**
   * Gives the key back, not at once but after a rest that grows with what deciding took: events that come in
   * meanwhile are worked off together, and however big the cluster is, deciding takes a fraction of the time.
   */
  #rest(key: string, cost: number): void {
    const { queue } = this.#options;
    const end = (): void => {
      this.#inHand -= 1;
      queue.done(key);
    };
    const rest = Math.min(cost * REST_FACTOR * this.#inHand, MAX_REST_MS);
    if (rest < 1) end();
    else setTimeout(end, rest).unref();
  }

  /** Returns the milliseconds that deciding took. */
  async #sync(key: string, signal: AbortSignal): Promise<number> {
    const { caches, queue, client, metrics } = this.#options;
    const cached = caches.daemonSets.store.get(key);
    if (!cached || key === this.#options.probeKey) return 0;
    const memory = this.#memoryOf(cached);
    if (memory.takeUncertainty()) await this.#settle(cached, memory);

    const started = performance.now();
    const snapshot = gather(cached, { caches, memory, nodes: this.#nodes.list() }, Date.now());
    const plan = reconcile(snapshot, Date.now(), this.#options.policy);
    const cost = performance.now() - started;
    metrics.reconciled(cost / 1000);
    if (!snapshot.expectationsSatisfied) queue.addAfter(key, EXPECTATIONS_TIMEOUT_MS);
    if (plan.requeueAfterMs !== undefined) queue.addAfter(key, plan.requeueAfterMs);
    if (isEmptyPlan(plan)) return cost;
    const { daemonSet } = snapshot;
    const context: ApplyContext = {
      client,
      daemonSet,
      memory,
      signal,
      recordEvent: this.#recorderFor(daemonSet),
      isCurrent: () => isSameGeneration(caches.daemonSets.store.get(key), daemonSet),
      onCreated: (pod, reason) => {
        this.#lag.created(pod);
        metrics.podCreated(reason);
      },
      onDeleted: metrics.podDeleted,
      now: Date.now,
    };
    await this.#apply(key, context, plan);
    return cost;
  }

  async #apply(key: string, context: ApplyContext, plan: Plan): Promise<void> {
    const started = performance.now();
    await applyPlan(context, plan);
    const { createPods, deletePods, claims, history, cleanup, status } = plan;
    this.#options.logger.info(
      {
        daemonSet: key,
        ...(claims.length > 0 && { claims: claims.length }),
        ...(history.length > 0 && { history: history.map(({ kind }) => kind) }),
        ...(createPods.length > 0 && { created: createPods.length }),
        ...(deletePods.length > 0 && { deleted: deletePods.length }),
        ...(cleanup.length > 0 && { revisionsDeleted: cleanup.length }),
        ...(status && { status }),
        ms: Math.round(performance.now() - started),
      },
      'synced',
    );
  }

  /** After a lost answer: whatever pod of ours the API server has, the cache must show before we go on. */
  async #settle(daemonSet: DaemonSet, memory: DaemonSetMemory): Promise<void> {
    const { client, caches } = this.#options;
    const { namespace, uid } = daemonSet.metadata;
    try {
      const labelSelector = formatSelector(daemonSet.spec.selector);
      const { items } = await client.list<unknown>(PODS, { namespace, labelSelector });
      const seen = caches.pods.lastSyncResourceVersion();
      for (const pod of items.map(podRecord)) {
        const unseen = seen === '' || compareResourceVersions(pod.resourceVersion, seen) > 0;
        if (pod.controller?.uid === uid && unseen) memory.wrotePod(pod.resourceVersion, Date.now());
      }
    } catch (error) {
      memory.lostAnswer();
      throw error;
    }
  }

  #memoryOf({ metadata: { uid } }: DaemonSet): DaemonSetMemory {
    let memory = this.#memories.get(uid);
    if (!memory) {
      memory = new DaemonSetMemory();
      this.#memories.set(uid, memory);
    }
    return memory;
  }

  #recorderFor({ metadata }: DaemonSet): ApplyContext['recordEvent'] {
    const { namespace, name, uid, resourceVersion } = metadata;
    const regarding = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace, name, uid, resourceVersion };
    return (type, reason, note) => {
      this.#options.events.record({ regarding, type, reason, note, action: 'Sync' });
    };
  }
}

/** Whether both ask for the same; the status is not compared. */
function isSameGeneration(now: DaemonSet | undefined, planned: DaemonSet): boolean {
  return (
    now?.metadata.uid === planned.metadata.uid &&
    now.metadata.generation === planned.metadata.generation &&
    now.metadata.deletionTimestamp === undefined
  );
}
