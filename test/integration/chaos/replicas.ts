import { setTimeout as sleep } from 'node:timers/promises';
import { Everynode, type LogLine, type TestCluster } from '../harness.ts';
import type { DirectApi } from '../direct-api.ts';

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/everynode-system/leases/everynode-sync';
/** Another DaemonSet controller was detected: there is none. */
const ANOTHER_CONTROLLER = 3;

export type Exit = { readonly identity: string; readonly code: number | null; readonly last: LogLine[] };

/** Replicas of the sync loop, started again whenever they end, as a Deployment does it. */
export class Replicas {
  /** Those that ended by themselves. */
  readonly exits: Exit[] = [];
  killed = 0;
  readonly #cluster: TestCluster;
  readonly #api: DirectApi;
  readonly #kubeconfig: string;
  readonly #running = new Map<string, Everynode>();
  readonly #slots: Promise<void>[] = [];
  #stopping = false;

  constructor(cluster: TestCluster, api: DirectApi, kubeconfig: string) {
    this.#cluster = cluster;
    this.#api = api;
    this.#kubeconfig = kubeconfig;
  }

  start(count: number): void {
    for (let slot = 1; slot <= count; slot++) this.#slots.push(this.#keep(`replica-${slot}`));
  }

  /** Who holds the Lease dies without a word. Returns whether there was one. */
  async killLeader(): Promise<boolean> {
    const { body } = await this.#api.call('GET', LEASE);
    const { spec } = body as { spec?: { holderIdentity?: string } };
    const leader = this.#running.get(spec?.holderIdentity ?? '');
    if (!leader) return false;
    this.killed += 1;
    await leader.stop('SIGKILL');
    return true;
  }

  /** Exits with which the sync loop said that it is not alone. */
  get alarms(): readonly Exit[] {
    return this.exits.filter(({ code }) => code === ANOTHER_CONTROLLER);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map((everynode) => everynode.stop()));
    await Promise.all(this.#slots);
  }

  async #keep(name: string): Promise<void> {
    for (let life = 1; !this.#stopping; life++) {
      const identity = `${name}.${life}`;
      const flags = [`--kubeconfig=${this.#kubeconfig}`, `--identity=${identity}`];
      const everynode = await Everynode.start(
        this.#cluster,
        'sync',
        '--mode=own',
        '--probe-timeout=1',
        ...flags,
      );
      this.#running.set(identity, everynode);
      const code = await everynode.exited;
      this.#running.delete(identity);
      if (!this.#stopping && code !== null) {
        this.exits.push({ identity, code, last: everynode.logs.slice(-3) });
      }
      await sleep(500);
    }
  }
}
