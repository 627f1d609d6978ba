import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonSet } from '../src/api/daemonset.ts';
import { DAEMONSETS, NODES, PODS } from '../src/api/kinds.ts';
import type { PodRecord } from '../src/api/pod.ts';
import { podRecord } from '../src/core/records/records.ts';
import { type Client, createClient } from '../src/kube/client.ts';
import { loadCluster } from '../src/kube/cluster.ts';
import { createInformer, type Informer } from '../src/kube/informer.ts';
import { createTransport, type Transport } from '../src/kube/transport.ts';
import { type LocalCluster, startLocalCluster } from '../src/localcluster/cluster.ts';
import { nodeManifest } from '../src/localcluster/nodes.ts';
import type { Logger } from '../src/telemetry/log.ts';

const silent = (): void => undefined;
const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent };
const NAMESPACE = 'default';
/** Connections of the plain loop. */
const CONNECTIONS = 64;

/** The cluster in which all contenders run, one after the other, and an eye on its pods. */
export class Stage {
  readonly cluster: LocalCluster;
  readonly client: Client;
  readonly nodes: readonly string[];
  readonly #pods: Informer<PodRecord>;
  readonly #transport: Transport;
  readonly #ended = new AbortController();
  #nodesMade: number;

  private constructor(cluster: LocalCluster, transport: Transport, nodes: readonly string[]) {
    this.cluster = cluster;
    this.nodes = nodes;
    this.#transport = transport;
    this.#nodesMade = nodes.length;
    this.client = createClient(transport);
    const options = { client: this.client, logger, kind: PODS, namespace: NAMESPACE };
    this.#pods = createInformer<PodRecord>({ ...options, project: podRecord });
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
      await cluster.addNodes(names.slice(at, at + 500).map((name) => ({ name })));
    }
    const connection = await loadCluster({ kubeconfig: cluster.kubeconfigPath, env: {} });
    const transport = createTransport(connection, { logger, maxInFlight: CONNECTIONS });
    const stage = new Stage(cluster, transport, names);
    void stage.#pods.run(stage.#ended.signal);
    await stage.#pods.synced;
    return stage;
  }

  async clear(): Promise<void> {
    this.#ended.abort();
    await this.#transport.close();
    await this.cluster.stop();
  }

  get podCount(): number {
    return this.#pods.store.size;
  }

  /** Resolves when so many pods have been seen, with the time that takes from now, in seconds. */
  async untilPods(count: number): Promise<number> {
    return this.#seconds(() => this.podCount >= count);
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
    const collection = (plural: string): string => `/apis/apps/v1/namespaces/${NAMESPACE}/${plural}`;
    await this.#deleteAll(collection('daemonsets'));
    for (;;) {
      await this.#deleteAll(`/api/v1/namespaces/${NAMESPACE}/pods`);
      if (this.podCount === 0) break;
      await sleep(500);
    }
    await this.#deleteAll(collection('controllerrevisions'));
    await sleep(2_000);
  }

  /** Adds a node and returns the seconds until the first pod for it was seen. */
  async reactionToNode(): Promise<number> {
    const index = (this.#nodesMade += 1);
    const name = `late-${index}`;
    const seen = new Promise<number>((resolve) => {
      this.#pods.onChange((change) => {
        if (change.type === 'add' && change.new.targetNode === name) resolve(performance.now());
      });
    });
    await this.client.create(NODES, '', nodeManifest({ name }, index));
    const created = performance.now();
    return ((await seen) - created) / 1000;
  }

  async removeLateNodes(): Promise<void> {
    const { items } = await this.client.list<{ metadata: { name: string } }>(NODES);
    const late = items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('late-'));
    await Promise.all(late.map((name) => this.client.delete(NODES, { name })));
  }

  /** Posts the same pods that a controller would, over so many connections; the seconds until all were seen. */
  async postLoop(): Promise<number> {
    const seen = this.untilPods(this.nodes.length);
    let next = 0;
    const post = async (): Promise<void> => {
      for (let node = this.nodes[next++]; node !== undefined; node = this.nodes[next++]) {
        await this.client.create(PODS, NAMESPACE, podManifest(node));
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, post));
    return seen;
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

  async #seconds(reached: () => boolean): Promise<number> {
    const started = performance.now();
    const done = Promise.withResolvers<number>();
    const look = (): void => {
      if (reached()) done.resolve((performance.now() - started) / 1000);
    };
    this.#pods.onChange(look);
    look();
    return done.promise;
  }
}

const CONTAINERS = [
  { name: 'agent', image: 'registry.k8s.io/pause:3.10', resources: { requests: { cpu: '10m' } } },
];

function daemonSetManifest(name: string, nodeSelector?: Record<string, string>): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: CONTAINERS,
          ...(nodeSelector && { nodeSelector }),
        },
      },
    },
  };
}

function podManifest(node: string): object {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'plain-', labels: { app: 'plain' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: CONTAINERS,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
        },
      },
      tolerations: [{ operator: 'Exists' }],
    },
  };
}
