import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { issueCa, issueServingCertificate } from '../tls/issue.ts';
import { type ArgumentOptions, type ComponentName, componentArguments, type Layout } from './arguments.ts';
import { type Binaries, type Environment, locateBinaries } from './binaries.ts';
import { Component } from './component.ts';
import { LocalClusterError } from './errors.ts';
import { KWOK_STAGES } from './kwok-stages.ts';
import { nodeManifest, type NodeSpec } from './nodes.ts';
import { assertFree, freePorts } from './ports.ts';
import { type OnProgress, reporting } from './progress.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

export type LocalClusterOptions = Partial<ArgumentOptions> & {
  /** Components to leave out, such as the scheduler. */
  readonly without?: readonly ComponentName[];
  /** Port of the API server; 0 picks a free one. */
  readonly port?: number;
  readonly env?: Environment;
  readonly onProgress?: OnProgress;
  /** Told when a component dies without having been stopped. */
  readonly onFailure?: (error: LocalClusterError) => void;
};

const ORDER: readonly ComponentName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
];

/**
 * Starts a real control plane on free loopback ports, with its data in a folder of its own, and waits until pods
 * can be made in it. Whatever happens to this process, the components end and the folder goes.
 *
 * @throws LocalClusterError when a program cannot be had or does not start, or the port is taken.
 */
export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const { env = process.env, onProgress = () => undefined, port = 0 } = options;
  if (port !== 0) await assertFree(port);
  const binaries = await locateBinaries(env, onProgress);
  const dataDir = await mkdtemp(join(tmpdir(), 'everynode-cluster-'));
  const cluster = new LocalCluster(await layOut(dataDir, port), binaries, options);
  try {
    await reporting(
      'starting the control plane',
      (news) => onProgress({ step: 1, total: 1, ...news }),
      () => cluster.start(),
    );
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

type Prepared = Layout & { readonly token: string; readonly ca: string };

/** A running control plane. */
export class LocalCluster {
  readonly binaries: Binaries;
  readonly kubeconfigPath: string;
  readonly dataDir: string;
  /** URL of the API server. */
  readonly server: string;
  readonly #prepared: Prepared;
  readonly #options: LocalClusterOptions;
  readonly #watchdog: Watchdog;
  readonly #components = new Map<ComponentName, Component>();

  constructor(prepared: Prepared, binaries: Binaries, options: LocalClusterOptions) {
    this.binaries = binaries;
    this.dataDir = prepared.dataDir;
    this.kubeconfigPath = prepared.kubeconfigPath;
    this.server = serverOf(prepared);
    this.#prepared = prepared;
    this.#options = options;
    this.#watchdog = startWatchdog(prepared.dataDir);
    const args = this.arguments();
    for (const name of ORDER) {
      if (options.without?.includes(name)) continue;
      this.#components.set(name, this.#component(name, args[name]));
    }
  }

  /** The arguments that the components get, with other options if given; for `component(name).start(arguments)`. */
  arguments(options: Partial<ArgumentOptions> = {}): ReturnType<typeof componentArguments> {
    const { extraArgs = {}, daemonSetController = false } = { ...this.#options, ...options };
    return componentArguments(this.#prepared, { extraArgs, daemonSetController });
  }

  /** @throws LocalClusterError for a component that was left out. */
  component(name: ComponentName): Component {
    const component = this.#components.get(name);
    if (!component) throw new LocalClusterError(`this cluster runs without ${name}`);
    return component;
  }

  async start(): Promise<void> {
    const [etcd, apiserver, ...others] = [...this.#components.values()];
    await etcd?.start();
    await apiserver?.start();
    await Promise.all(others.map((component) => component.start()));
    if (this.#components.has('kube-controller-manager')) await this.#untilPodsCanBeMade();
  }

  /** Makes simulated nodes and waits until they are ready and without the taint that new nodes have. */
  async addNodes(nodes: readonly NodeSpec[]): Promise<void> {
    await Promise.all(nodes.map((node) => this.#call('POST', '/api/v1/nodes', nodeManifest(node))));
    if (!this.#components.has('kwok')) return;
    await until(async () => {
      const { items } = (await this.#call('GET', '/api/v1/nodes')) as { items: RawNode[] };
      const byName = new Map(items.map((node) => [node.metadata.name, node]));
      const late = nodes.filter(({ name }) => !isReady(byName.get(name)));
      if (late.length > 0)
        throw new LocalClusterError(`nodes not ready: ${late.map(({ name }) => name).join(', ')}`);
    });
  }

  /** Ends all components, last first, and removes the data. */
  async stop(): Promise<void> {
    for (const component of [...this.#components.values()].toReversed()) await component.stop();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    this.#watchdog.dismiss();
  }

  #component(name: ComponentName, args: readonly string[]): Component {
    return new Component({
      name,
      binary: this.binaries[name],
      args,
      logPath: join(this.dataDir, 'logs', `${name}.log`),
      watchdog: this.#watchdog,
      probe: () => this.#probe(name),
      onDeath: (error) => this.#options.onFailure?.(error),
    });
  }

  async #probe(name: ComponentName): Promise<void> {
    const port = this.#prepared.ports[name];
    if (name === 'kube-apiserver') await this.#call('GET', '/readyz');
    else if (name === 'etcd' || name === 'kwok') {
      const response = await fetch(`http://127.0.0.1:${port}${name === 'etcd' ? '/health' : '/healthz'}`);
      if (!response.ok) throw new LocalClusterError(`${name} answered ${response.status}`);
    } else await call({ ...this.#prepared, url: `https://127.0.0.1:${port}/healthz`, method: 'GET' });
  }

  async #untilPodsCanBeMade(): Promise<void> {
    for (const namespace of ['default', 'kube-system']) {
      await until(() => this.#call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`));
    }
  }

  #call(method: string, path: string, body?: object): Promise<unknown> {
    return call({ ...this.#prepared, url: this.server + path, method, ...(body && { body }) });
  }
}

type RawNode = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

function isReady(node: RawNode | undefined): boolean {
  const ready = node?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return ready === true && !node?.spec.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready');
}

function serverOf({ ports }: Layout): string {
  return `https://127.0.0.1:${ports['kube-apiserver']}`;
}

/** Puts keys, certificates and configuration where the components look for them. */
async function layOut(dataDir: string, port: number): Promise<Prepared> {
  const [etcd = 0, peer = 0, controllerManager = 0, scheduler = 0, kwok = 0, apiserver = 0] =
    await freePorts(6);
  const ports = {
    etcd,
    'etcd-peer': peer,
    'kube-apiserver': port || apiserver,
    'kube-controller-manager': controllerManager,
    'kube-scheduler': scheduler,
    kwok,
  };
  const kubeconfigPath = join(dataDir, 'kubeconfig');
  const token = randomBytes(24).toString('base64url');
  const ca = await issueCa('everynode local cluster', Date.now());
  const serving = await issueServingCertificate({
    commonName: 'kube-apiserver',
    dnsNames: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
    ipAddresses: ['127.0.0.1', '10.96.0.1'],
    ca,
    now: Date.now(),
  });
  const serviceAccounts = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const layout: Prepared = { dataDir, kubeconfigPath, ports, token, ca: ca.cert };
  const files = {
    'ca.crt': ca.cert,
    'tls.crt': serving.cert,
    'tls.key': serving.key,
    'sa.pub': serviceAccounts.publicKey,
    'sa.key': serviceAccounts.privateKey,
    'tokens.csv': `${token},admin,admin,system:masters\n`,
    'kwok.yaml': KWOK_STAGES,
    kubeconfig: kubeconfig(layout),
  };
  await mkdir(join(dataDir, 'logs'));
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(dataDir, name), text, { mode: 0o600 })),
  );
  return layout;
}

function kubeconfig(layout: Prepared): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'everynode',
    contexts: [{ name: 'everynode', context: { cluster: 'everynode', user: 'admin' } }],
    clusters: [
      {
        name: 'everynode',
        cluster: {
          server: serverOf(layout),
          'certificate-authority-data': Buffer.from(layout.ca).toString('base64'),
        },
      },
    ],
    users: [{ name: 'admin', user: { token: layout.token } }],
  });
}

type Call = {
  readonly url: string;
  readonly method: string;
  readonly token: string;
  readonly ca: string;
  readonly body?: object;
};

/** One request with the admin's token. The rooms above have a real client; here a bare call is enough. */
function call({ url, method, token, ca, body }: Call): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = request(url, { method, ca, headers, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if ((response.statusCode ?? 500) >= 300) {
          reject(
            new LocalClusterError(`${method} ${url} answered ${response.statusCode}: ${text.slice(0, 300)}`),
          );
        } else resolve(text.startsWith('{') ? JSON.parse(text) : text);
      });
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new LocalClusterError(`${url} did not answer`)));
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

const UNTIL_TIMEOUT_MS = 60_000;

async function until<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + UNTIL_TIMEOUT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
