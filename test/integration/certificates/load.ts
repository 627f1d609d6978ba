import { setTimeout as sleep } from 'node:timers/promises';
import { DAEMONSETS, PODS } from '../../../src/api/kinds.ts';
import type { Client } from '../../../src/kube/client.ts';
import { daemonSet } from '../harness.ts';

const WORKERS = 6;
const PACE_MS = 15;

/** Creates DaemonSets and Pods of one without end, and keeps what was refused. */
export class Load {
  readonly failures: string[] = [];
  admitted = 0;
  readonly #client: Client;
  readonly #owner: { readonly name: string; readonly uid: string };
  #isEnded = false;
  #inFlight = 0;
  #open = Promise.resolve();
  #workers: readonly Promise<void>[] = [];

  constructor(client: Client, owner: { readonly name: string; readonly uid: string }) {
    this.#client = client;
    this.#owner = owner;
  }

  start(): void {
    this.#workers = Array.from({ length: WORKERS }, (_, worker) => this.#work(worker));
  }

  async stop(): Promise<void> {
    this.#isEnded = true;
    await Promise.all(this.#workers);
  }

  /** Does something while no request is under way. */
  async between(act: () => Promise<void>): Promise<void> {
    const gate = Promise.withResolvers<void>();
    this.#open = gate.promise;
    while (this.#inFlight > 0) await sleep(2);
    await act();
    gate.resolve();
  }

  async #work(worker: number): Promise<void> {
    for (let turn = 0; !this.#isEnded; turn += 1) {
      await this.#open;
      this.#inFlight += 1;
      try {
        await this.#create(`load-${worker}-${turn}`, turn % 2 === 0);
        this.admitted += 1;
      } catch (error) {
        this.failures.push(String(error));
      } finally {
        this.#inFlight -= 1;
      }
      await sleep(PACE_MS);
    }
  }

  async #create(name: string, isPod: boolean): Promise<void> {
    const kind = isPod ? PODS : DAEMONSETS;
    const created = await this.#client.create<{ readonly spec: { readonly affinity?: object } }>(
      kind,
      'default',
      isPod ? this.#pod(name) : daemonSet(name),
    );
    // Pods fail open: that the webhook was asked shows in what it adds.
    if (isPod && !created.spec.affinity) this.failures.push(`${name} was not completed`);
    await this.#client.delete(kind, { namespace: 'default', name });
  }

  #pod(name: string): object {
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', ...this.#owner, controller: true };
    const annotations = { 'everynode.dev/node': 'a' };
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, annotations, ownerReferences: [owner] },
      spec: { containers: [{ name: 'agent', image: 'registry.k8s.io/pause:3.9' }] },
    };
  }
}
