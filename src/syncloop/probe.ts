import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonSet } from '../api/daemonset.ts';
import { DAEMONSETS } from '../api/kinds.ts';
import type { OwnerReference } from '../api/meta.ts';
import { isAnswered, probeManifest } from '../core/probe.ts';
import type { Client } from '../kube/client.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../kube/errors.ts';
import type { Caches } from '../cache/caches.ts';

/** Another controller syncs DaemonSets in this cluster, and two must never fight. */
export class AnotherControllerError extends Error {
  override readonly name = 'AnotherControllerError';
}

export type ProbeOptions = {
  readonly client: Client;
  readonly caches: Caches;
  readonly namespace: string;
  readonly name: string;
  /** The Lease that we hold: without it there is no use for the probe. */
  readonly owner?: OwnerReference;
  /** How long another controller gets to answer. Milliseconds. */
  readonly timeoutMs: number;
};

/**
 * The probe DaemonSet in the cluster. It stands for as long as we lead: a controller that is switched on later
 * syncs it too, and trips the wire. A settled cluster pays nothing for that.
 */
export class Probe {
  readonly #options: ProbeOptions;
  readonly #tripped = Promise.withResolvers<void>();
  #uid: string | undefined;

  constructor(options: ProbeOptions) {
    this.#options = options;
    options.caches.daemonSets.onChange((change) => {
      if (change.type !== 'delete') this.#look(change.new);
    });
  }

  /** Whether there is one, ours or a predecessor's. */
  get stands(): boolean {
    return this.#standing() !== undefined;
  }

  /** Resolves when another controller has answered, however late. */
  get answered(): Promise<void> {
    return this.#tripped.promise;
  }

  /**
   * Places a probe and waits. True when another controller answered in time.
   *
   * A probe found standing was left by a leader that died, and has stood for as long as its Lease took to run
   * out: if nobody has answered it until now, nobody is there.
   */
  async place(signal: AbortSignal): Promise<boolean> {
    const { timeoutMs } = this.#options;
    const standing = this.#standing();
    if (standing && !isAnswered(standing)) {
      this.#uid = standing.metadata.uid;
      return false;
    }
    await this.remove();
    this.#uid = (await this.#create()).metadata.uid;
    const cached = this.#standing();
    if (cached) this.#look(cached);
    return Promise.race([this.answered.then(() => true), sleep(timeoutMs, false, { signal })]);
  }

  /** Takes the probe away; it is fine if there is none. */
  async remove(): Promise<void> {
    const { client, namespace, name } = this.#options;
    try {
      await client.delete(DAEMONSETS, { namespace, name }, { propagationPolicy: 'Background' });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #standing(): DaemonSet | undefined {
    const { caches, namespace, name } = this.#options;
    return caches.daemonSets.store.get(`${namespace}/${name}`);
  }

  #look(daemonSet: DaemonSet): void {
    if (daemonSet.metadata.uid === this.#uid && isAnswered(daemonSet)) this.#tripped.resolve();
  }

  async #create(): Promise<DaemonSet> {
    const { client, namespace, name, owner } = this.#options;
    try {
      return await client.create<DaemonSet>(DAEMONSETS, namespace, probeManifest(namespace, name, owner));
    } catch (error) {
      // A predecessor's is still being deleted, or another replica was quicker.
      if (!isAlreadyExists(error) && !isConflict(error)) throw error;
      return client.get<DaemonSet>(DAEMONSETS, { namespace, name });
    }
  }
}

/** The sentence that says why `own` is refused, and what to do. */
export function anotherController(probeKey: string): AnotherControllerError {
  return new AnotherControllerError(
    `another DaemonSet controller is at work in this cluster: it answered the probe DaemonSet ${probeKey}, ` +
      'so everynode touches nothing. Switch the other one off (kube-controller-manager: ' +
      '--controllers=*,-daemonset-controller; a second everynode: use the same Lease), or run with --mode=assist.',
  );
}
