import { setTimeout as sleep } from 'node:timers/promises';
import { LEASES } from '../api/kinds.ts';
import type { ObjectMeta, OwnerReference } from '../api/meta.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Client } from './client.ts';
import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';

/** Milliseconds, as every Kubernetes component uses them. */
const LEASE_DURATION_MS = 15_000;
const RENEW_DEADLINE_MS = 10_000;
const RETRY_PERIOD_MS = 2_000;
const CALL_TIMEOUT_MS = 5_000;

/** The Lease could not be renewed in time: another replica may lead now, so this one must not go on. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

export type LeaderElectionOptions = {
  readonly client: Client;
  readonly namespace: string;
  readonly name: string;
  /** Must differ between replicas. */
  readonly identity: string;
  readonly logger: Logger;
  /** Ends the election, and the leading if we lead. */
  readonly signal: AbortSignal;
  /** Leads until its signal is aborted. What it makes for as long as it leads can be owned by the Lease. */
  readonly onStartedLeading: (signal: AbortSignal, lease: OwnerReference) => Promise<void>;
  readonly onNewLeader?: (identity: string) => void;
  /** Told when we begin and when we cease to lead. */
  readonly onLeading?: (isLeader: boolean) => void;
};

type LeaseSpec = {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
};
type Lease = { readonly metadata: ObjectMeta; readonly spec?: LeaseSpec };

/**
 * Competes for a Lease, leads while holding it, and gives it back at the end. Resolves when the leading has
 * ended, or the signal came before it began; rejects with what onStartedLeading threw.
 *
 * Whether the Lease of another has run out is judged by how long its record stayed the same on our own steady
 * clock, never by comparing its times with ours.
 *
 * @throws LeaseLostError after onStartedLeading has ended because of it.
 * Source: client-go `leaderelection`.
 */
export async function runLeaderElection(options: LeaderElectionOptions): Promise<void> {
  const { signal } = options;
  const elector = new Elector(options);
  if (!(await elector.acquire())) return;
  options.onLeading?.(true);
  const leading = new AbortController();
  const stop = AbortSignal.any([signal, leading.signal]);
  // Whichever ends first ends the other: the leading, or the right to lead.
  const renewing = elector.renewUntil(stop).finally(() => leading.abort());
  const [work, lost] = await Promise.allSettled([
    options.onStartedLeading(stop, elector.lease()).finally(() => leading.abort()),
    renewing,
  ]);
  options.onLeading?.(false);
  if (lost.status === 'fulfilled' && lost.value) throw new LeaseLostError(elector.lostMessage());
  await elector.release();
  if (work.status === 'rejected') throw work.reason;
}

class Elector {
  readonly #options: LeaderElectionOptions;
  #observed: Lease | undefined;
  #observedAt = 0;
  /** When the last write of ours that succeeded was begun. */
  #renewedAt = 0;
  #leader: string | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  /** True when the Lease is ours, false when the signal came first. */
  async acquire(): Promise<boolean> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      if (await this.#tryAcquireOrRenew(performance.now() + RENEW_DEADLINE_MS, signal)) return true;
      // Jitter keeps replicas from trying in step.
      await pause(RETRY_PERIOD_MS * (1 + Math.random() * 1.2), signal);
    }
    return false;
  }

  /**
   * Renews until the signal is aborted (false) or the deadline has passed without success (true). The deadline is
   * kept whatever the server does, because another replica counts from our last write.
   */
  async renewUntil(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const deadline = this.#renewedAt + RENEW_DEADLINE_MS;
      await pause(Math.min(RETRY_PERIOD_MS, deadline - performance.now()), signal);
      if (signal.aborted) return false;
      if (await this.#tryAcquireOrRenew(deadline)) continue;
      if (performance.now() >= deadline || this.#isHeldByAnother()) return true;
    }
  }

  async release(): Promise<void> {
    const { identity, client, logger } = this.#options;
    const lease = this.#observed;
    if (lease?.spec?.holderIdentity !== identity) return;
    try {
      // As short as can be, so that nobody waits for it to run out.
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime() };
      await within(CALL_TIMEOUT_MS, (signal) =>
        client.update(LEASES, lease.metadata, body(lease, spec), { signal }),
      );
    } catch (error) {
      logger.warn({ err: error }, 'could not release the Lease; it runs out by itself');
    }
  }

  /** The one that is held. */
  lease(): OwnerReference {
    const { name } = this.#options;
    return { ...LEASE_TYPE, name, uid: this.#observed?.metadata.uid ?? '' };
  }

  lostMessage(): string {
    const { namespace, name } = this.#options;
    const holder = this.#observed?.spec?.holderIdentity;
    const now = this.#isHeldByAnother() ? `; ${holder} holds it now` : '';
    return `lost the Lease ${namespace}/${name}: it could not be renewed within ${RENEW_DEADLINE_MS / 1000} s${now}. Start again to compete for it`;
  }

  async #tryAcquireOrRenew(deadline: number, stop?: AbortSignal): Promise<boolean> {
    const startedAt = performance.now();
    try {
      const isOurs = await within(deadline - startedAt, (limit) =>
        this.#attempt(stop ? AbortSignal.any([limit, stop]) : limit),
      );
      if (isOurs) this.#renewedAt = startedAt;
      return isOurs;
    } catch (error) {
      const isExpected = isConflict(error) || isAlreadyExists(error) || stop?.aborted;
      if (!isExpected) this.#options.logger.warn({ err: error }, 'could not get or renew the Lease');
      return false;
    }
  }

  async #attempt(signal: AbortSignal): Promise<boolean> {
    const held = this.#observed;
    if (held?.spec?.holderIdentity === this.#options.identity) {
      try {
        // Written on top of what we know: whoever holds the Lease need not look at it first.
        return await this.#write(held, signal);
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
    return this.#write(await this.#read(signal), signal);
  }

  async #write(current: Lease | undefined, signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, identity } = this.#options;
    const call = { signal, timeoutMs: CALL_TIMEOUT_MS };
    const renewTime = microTime();
    const mine = { holderIdentity: identity, leaseDurationSeconds: LEASE_DURATION_MS / 1000, renewTime };
    if (!current) {
      const spec = { ...mine, acquireTime: renewTime, leaseTransitions: 0 };
      const created = { ...LEASE_TYPE, metadata: { namespace, name }, spec };
      this.#observe(await client.create<Lease>(LEASES, namespace, created, call));
      return true;
    }
    const {
      holderIdentity = '',
      acquireTime,
      leaseTransitions = 0,
      leaseDurationSeconds = 0,
    } = current.spec ?? {};
    const isOurs = holderIdentity === identity;
    const isValid = performance.now() < this.#observedAt + leaseDurationSeconds * 1000;
    if (holderIdentity !== '' && !isOurs && isValid) return false;
    const spec = isOurs
      ? { ...current.spec, ...mine, acquireTime: acquireTime ?? renewTime }
      : { ...current.spec, ...mine, acquireTime: renewTime, leaseTransitions: leaseTransitions + 1 };
    this.#observe(await client.update<Lease>(LEASES, { namespace, name }, body(current, spec), call));
    return true;
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      const lease = await within(CALL_TIMEOUT_MS, (limit) =>
        client.get<Lease>(LEASES, { namespace, name }, AbortSignal.any([limit, signal])),
      );
      this.#observe(lease);
      return lease;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #observe(lease: Lease): void {
    if (lease.metadata.resourceVersion !== this.#observed?.metadata.resourceVersion) {
      this.#observed = lease;
      this.#observedAt = performance.now();
    }
    const leader = lease.spec?.holderIdentity;
    if (leader && leader !== this.#leader) this.#options.onNewLeader?.(leader);
    this.#leader = leader;
  }

  #isHeldByAnother(): boolean {
    const holder = this.#observed?.spec?.holderIdentity;
    return holder !== undefined && holder !== '' && holder !== this.#options.identity;
  }
}

const LEASE_TYPE = { apiVersion: LEASES.apiVersion, kind: LEASES.kind };

/** The resourceVersion in the metadata makes the update fail when somebody else was quicker. */
function body({ metadata }: Lease, spec: LeaseSpec): object {
  return { ...LEASE_TYPE, metadata, spec };
}

/** metav1.MicroTime has six digits after the second. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

/** Ends the call by its signal when it takes longer than this. */
async function within<T>(ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error('no answer in time')), ms);
  try {
    return await call(limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
