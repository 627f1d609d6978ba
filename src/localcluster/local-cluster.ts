import { join } from 'node:path';
import { type ApiCaller, createApiCaller } from './api-call.ts';
import {
  type ArgumentOptions,
  type ComponentArguments,
  type ComponentName,
  componentArguments,
} from './arguments.ts';
import type { Binaries } from './binaries.ts';
import type { Environment } from './environment.ts';
import { Component } from './component.ts';
import type { DataDir } from './data-dir.ts';
import { LocalClusterError } from './errors.ts';
import type { PreparedLayout } from './layout.ts';
import { lateNodes, type NodeSpec, nodeManifest, type RawNode } from './nodes.ts';
import { probeComponent } from './probe.ts';
import { RealNode, type RealNodeParts } from './real-node/real-node.ts';
import { until } from './until.ts';

const COMPONENTS: readonly ComponentName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
];
const READY_TIMEOUT_MS = 60_000;
const READY_TIMEOUT_PER_NODE_MS = 100;

type ClusterParts = Partial<ArgumentOptions> & {
  readonly layout: PreparedLayout;
  readonly binaries: Binaries;
  readonly dataDir: DataDir;
  readonly env: Environment;
  readonly without?: readonly ComponentName[];
  readonly onFailure?: (error: LocalClusterError) => void;
  readonly realNode?: RealNodeParts;
};

/** A control plane of its own on this machine; `startLocalCluster` makes one. */
export class LocalCluster {
  readonly binaries: Binaries;
  /** The admin's. */
  readonly kubeconfigPath: string;
  readonly dataDir: string;
  /** URL of the API server. */
  readonly server: string;
  /** The admin's bearer token. */
  readonly token: string;
  readonly #parts: ClusterParts;
  readonly #api: ApiCaller;
  readonly #components: ReadonlyMap<ComponentName, Component>;
  readonly #realNode: RealNode | undefined;
  readonly #ended = new AbortController();
  readonly #failed = Promise.withResolvers<never>();
  #isStarted = false;
  #nodesMade = 0;
  #stopping: Promise<void> | undefined;

  constructor(parts: ClusterParts) {
    const { binaries, layout, without = [] } = parts;
    this.binaries = binaries;
    this.dataDir = layout.dataDir;
    this.kubeconfigPath = layout.kubeconfigPath;
    this.server = layout.server;
    this.token = layout.token;
    this.#parts = parts;
    this.#api = createApiCaller(layout);
    // A failure that nobody waits for is told by `onFailure`.
    this.#failed.promise.catch(() => undefined);
    const args = this.arguments();
    const names = COMPONENTS.filter((name) => !without.includes(name));
    this.#components = new Map(names.map((name) => [name, this.#component(name, args[name])]));
    this.#realNode = parts.realNode && this.#newRealNode(parts.realNode);
  }

  /** @throws LocalClusterError for a cluster that was started without one. */
  get realNode(): RealNode {
    if (!this.#realNode) throw new LocalClusterError('this cluster was started without a real node');
    return this.#realNode;
  }

  /** The arguments that the components get, with other options if given; for `component(name).start(arguments)`. */
  arguments(options: Partial<ArgumentOptions> = {}): ComponentArguments {
    const { layout, extraArgs = {}, daemonSetController = false } = this.#parts;
    return componentArguments(layout, { extraArgs, daemonSetController, ...options });
  }

  /** @throws LocalClusterError for a component that was left out. */
  component(name: ComponentName): Component {
    const component = this.#components.get(name);
    if (!component) throw new LocalClusterError(`this cluster was started without ${name}`);
    return component;
  }

  /**
   * Starts all components and waits until pods can be made in `default` and `kube-system`.
   *
   * @throws LocalClusterError with the end of its log when a component dies or does not get ready.
   */
  async start(): Promise<void> {
    await this.#unlessFailed(this.#startComponents());
    this.#isStarted = true;
  }

  /**
   * Makes simulated nodes and waits until they are ready and without the taint that new nodes have; without KWOK
   * they stay as they are made.
   *
   * @throws LocalClusterError when one is refused or not ready in time, or when a component dies meanwhile.
   */
  async addNodes(nodes: readonly NodeSpec[]): Promise<void> {
    const first = this.#nodesMade;
    this.#nodesMade += nodes.length;
    const make = (node: NodeSpec, index: number): Promise<unknown> =>
      this.#call('POST', '/api/v1/nodes', nodeManifest(node, first + index));
    await this.#unlessFailed(Promise.all(nodes.map(make)));
    if (!this.#components.has('kwok')) return;
    const timeoutMs = READY_TIMEOUT_MS + READY_TIMEOUT_PER_NODE_MS * nodes.length;
    await this.#unlessFailed(until(() => this.#assertNodesReady(nodes), timeoutMs));
  }

  /** Ends all components, last first, and removes the data. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    this.#ended.abort();
    await this.#realNode?.stop();
    await Promise.all(this.#clients().map((component) => component.stop()));
    this.#api.close();
    await this.#components.get('kube-apiserver')?.stop();
    await this.#components.get('etcd')?.stop();
    await this.#realNode?.close();
    await this.#parts.dataDir.release();
  }

  async #startComponents(): Promise<void> {
    await this.#components.get('etcd')?.start();
    await this.#components.get('kube-apiserver')?.start();
    await Promise.all(this.#clients().map((component) => component.start()));
    if (!this.#components.has('kube-controller-manager')) return;
    for (const namespace of ['default', 'kube-system']) {
      const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
      await until(() => this.#call('GET', account), READY_TIMEOUT_MS);
    }
    await this.#realNode?.start();
  }

  /** The components that talk to the API server. */
  #clients(): readonly Component[] {
    return [...this.#components.values()].filter(({ name }) => name !== 'etcd' && name !== 'kube-apiserver');
  }

  #component(name: ComponentName, args: readonly string[]): Component {
    const { env, dataDir } = this.#parts;
    return new Component({
      name,
      binary: this.binaries[name],
      args,
      // So that KWOK does not read the stages that somebody keeps in their home.
      env: { ...env, HOME: this.dataDir },
      logPath: join(this.dataDir, 'logs', `${name}.log`),
      watchdog: dataDir.watchdog,
      probe: () => probeComponent(name, this.#parts.layout, this.#api),
      onDeath: (error) => this.#fail(error),
      ended: this.#ended.signal,
    });
  }

  #newRealNode(parts: RealNodeParts): RealNode {
    return new RealNode(parts, {
      server: this.server,
      api: this.#api,
      onDeath: (error) => this.#fail(error),
      ended: this.#ended.signal,
    });
  }

  #fail(error: LocalClusterError): void {
    this.#failed.reject(error);
    if (this.#isStarted) this.#parts.onFailure?.(error);
  }

  async #assertNodesReady(nodes: readonly NodeSpec[]): Promise<void> {
    const { items } = (await this.#call('GET', '/api/v1/nodes')) as { readonly items: readonly RawNode[] };
    const late = lateNodes(nodes, items);
    if (late.length === 0) return;
    const names = `${late.slice(0, 5).join(', ')}${late.length > 5 ? ` and ${late.length - 5} more` : ''}`;
    const { logPath } = this.component('kwok');
    throw new LocalClusterError(`nodes were not ready in time: ${names}; see ${logPath}`);
  }

  /** The result, or the failure of a component, whichever comes first. */
  #unlessFailed<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#failed.promise]);
  }

  #call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    return this.#api.call(method, this.server + path, body);
  }
}
