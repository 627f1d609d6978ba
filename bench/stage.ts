import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DaemonSet } from '../src/api/daemonset.ts';
import { DAEMONSETS, NODES, PODS } from '../src/api/kinds.ts';
import type { PodRecord } from '../src/api/pod.ts';
import { podRecord } from '../src/core/records/records.ts';
import { type Client, createClient } from '../src/kube/client.ts';
import { loadCluster } from '../src/kube/cluster.ts';
import { createInformer } from '../src/kube/informer.ts';
import { createTransport, type Transport } from '../src/kube/transport.ts';
import { type LocalCluster, startLocalCluster } from '../src/localcluster/cluster.ts';
import { nodeManifest, type NodeSpec } from '../src/localcluster/nodes.ts';
import type { Logger } from '../src/telemetry/log.ts';
import { daemonSetManifest } from './manifests.ts';

const silent = (): void => undefined;
const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
const NAMESPACE = 'default';
const APPS = `/apis/apps/v1/namespaces/${NAMESPACE}`;
/** Between two looks at the number of pods. */
const LOOK_MS = 50;

/** The cluster in which all contenders run, one after the other. */
export class Stage {
  readonly cluster: LocalCluster;
  readonly client: Client;
  readonly nodes: readonly string[];
  readonly #transport: Transport;
  #nodesMade: number;

  private constructor(cluster: LocalCluster, transport: Transport, nodes: readonly string[]) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.#transport = transport;
    this.#nodesMade = nodes.length;
    this.client = createClient(transport);
  }

  static async set(nodeCount: number, say: (text: string) => void): Promise<Stage> {
    say(`starting a control plane with ${nodeCount} nodes`);
    const cluster = await startLocalCluster({
      extraArgs: {
        // The garbage collector and the API server's own fairness must not be what is measured.
        'kube-controller-manager': ['--kube-api-qps=5000', '--kube-api-burst=10000'],
        'kube-scheduler': ['--kube-api-qps=5000', '--kube-api-burst=10000'],
      },
    });
    const names = Array.from({ length: nodeCount }, (_, index) => `node-${index + 1}`);
    for (let at = 0; at < names.length; at += 500) {
      await cluster.addNodes(names.slice(at, at + 500).map((name, index) => nodeSpec(name, at + index)));
    }
    const connection = await loadCluster({ kubeconfig: cluster.kubeconfigPath, env: {} });
    const transport = createTransport(connection, { logger });
    return new Stage(cluster, transport, names);
  }

  async clear(): Promise<void> {
    await this.#transport.close();
    await this.cluster.stop();
  }

  /** Pods there are, by a look that costs the API server next to nothing. */
  async podCount(): Promise<number> {
    const { items, metadata } = await this.client.list<unknown>(PODS, { namespace: NAMESPACE, limit: 1 });
    return items.length + ((metadata as { remainingItemCount?: number }).remainingItemCount ?? 0);
  }

  /** The seconds from now until there are so many pods. */
  async untilPods(count: number): Promise<number> {
    const started = performance.now();
    while ((await this.podCount()) < count) await sleep(LOOK_MS);
    return (performance.now() - started) / 1000;
  }

  async untilRolledOut(name: string, desired: number): Promise<number> {
    const started = performance.now();
    for (;;) {
      const { metadata, status = {} } = await this.daemonSet(name);
      const observed = (status.observedGeneration ?? 0) >= (metadata.generation ?? 1);
      if (observed && status.updatedNumberScheduled === desired && status.numberAvailable === desired) {
        return (performance.now() - started) / 1000;
      }
      await sleep(200);
    }
  }

  daemonSet(name: string): Promise<DaemonSet> {
    return this.client.get<DaemonSet>(DAEMONSETS, { namespace: NAMESPACE, name });
  }

  async create(name: string, nodeSelector?: Record<string, string>): Promise<void> {
    await this.client.create(DAEMONSETS, NAMESPACE, daemonSetManifest(name, nodeSelector));
  }

  async changeImage(name: string, image: string): Promise<void> {
    const patch = { spec: { template: { spec: { containers: [{ name: 'agent', image }] } } } };
    await this.client.patch(DAEMONSETS, { namespace: NAMESPACE, name }, patch, { type: 'strategic' });
  }

  /** Takes the DaemonSets away and all pods with them. */
  async sweep(): Promise<void> {
    await this.#deleteAll(`${APPS}/daemonsets`);
    for (;;) {
      // The API server gives a request up after a minute, and thousands of pods may take it longer.
      await this.#deleteAll(`/api/v1/namespaces/${NAMESPACE}/pods`).catch(() => undefined);
      if ((await this.podCount()) === 0) break;
      await sleep(500);
    }
    await this.#deleteAll(`${APPS}/controllerrevisions`);
    await sleep(2_000);
  }

  /** Adds nodes one after the other and returns, for each, the seconds until a pod for it was seen. */
  async reactionsToNodes(count: number): Promise<readonly number[]> {
    const ended = new AbortController();
    const options = { client: this.client, logger, kind: PODS, namespace: NAMESPACE };
    const pods = createInformer<PodRecord>({ ...options, project: podRecord });
    const seen = new Map<string, (at: number) => void>();
    pods.onChange((change) => {
      if (change.type === 'add') seen.get(change.new.targetNode ?? '')?.(performance.now());
    });
    const running = pods.run(ended.signal);
    await pods.synced;
    const reactions: number[] = [];
    for (let at = 0; at < count; at += 1) {
      const name = `late-${(this.#nodesMade += 1)}`;
      const first = new Promise<number>((resolve) => seen.set(name, resolve));
      await this.client.create(NODES, '', nodeManifest({ name }, this.#nodesMade));
      const created = performance.now();
      reactions.push(((await first) - created) / 1000);
    }
    ended.abort();
    await running;
    return reactions;
  }

  async removeLateNodes(): Promise<void> {
    const { items } = await this.client.list<{ metadata: { name: string } }>(NODES);
    const late = items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('late-'));
    await Promise.all(late.map((name) => this.client.delete(NODES, { name })));
  }

  /** Posts the same pods that a controller would, from a process of its own; the seconds that took. */
  async postLoop(): Promise<number> {
    const script = join(import.meta.dirname, 'post-loop.ts');
    const args = [script, this.cluster.kubeconfigPath, String(this.nodes.length)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return Number(stdout);
  }

  async #deleteAll(path: string): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Background',
    };
    await this.#transport.request({ method: 'DELETE', path, body, timeoutMs: 120_000 });
  }
}

/** Every tenth node carries a label, for DaemonSets on a part of the cluster. */
function nodeSpec(name: string, index: number): NodeSpec {
  return { name, ...(index % 10 === 0 && { labels: { bench: 'tenth' } }) };
}
