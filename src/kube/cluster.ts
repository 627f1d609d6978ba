import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type buildConnector, type Dispatcher, ProxyAgent } from 'undici';

/** The kubeconfig is missing, unreadable or wrong. The message says which, and what to do. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

/** An API server and how to be let in. */
export type Cluster = {
  /** URL without a slash at the end. */
  readonly server: string;
  /** Namespace of the context. */
  readonly namespace: string;
  /** Headers that authenticate a request; asked for anew at most every 30 s, or after `refresh`. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** Forgets the headers, because the server no longer takes them. */
  readonly refresh: () => void;
  /** Makes a connection pool with at most so many connections. */
  readonly connect: (connections: number) => Dispatcher;
};

export type ClusterOptions = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

const HEADERS_TTL_MS = 30_000;

/**
 * Finds the cluster: the file given, else those of $KUBECONFIG, else ~/.kube/config, else the service account of
 * the pod that we run in. Contexts, exec plugins, OIDC and token files are left to @kubernetes/client-node.
 *
 * @throws KubeconfigError
 */
export async function loadCluster(options: ClusterOptions): Promise<Cluster> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const config = new Config();
  const source = await load(config, options);
  selectContext(config, options.context, source);
  const current = config.getCurrentCluster();
  if (!current?.server) {
    throw new KubeconfigError(
      `${source}: the context ${JSON.stringify(config.getCurrentContext())} names no cluster with a server; check contexts[].context.cluster and clusters[].cluster.server`,
    );
  }
  const credentials = await credentialsOf(config, source);
  const tls = config.createDispatcherOptions(current, credentials.tls);
  let headers = Promise.resolve(credentials.headers);
  let loadedAt = performance.now();
  return {
    server: current.server.replace(/\/+$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    headers: () => {
      if (performance.now() - loadedAt > HEADERS_TTL_MS) {
        loadedAt = performance.now();
        headers = credentialsOf(config, source).then((fresh) => fresh.headers);
      }
      return headers;
    },
    refresh: () => {
      loadedAt = -Infinity;
    },
    connect: (connections) => pool(tls, connections, source),
  };
}

/** Fills the config and returns where it came from, for error messages. */
async function load(config: KubeConfig, { kubeconfig, env }: ClusterOptions): Promise<string> {
  const files = kubeconfig === undefined ? kubeconfigFiles(env) : [kubeconfig];
  const [first, ...others] = files;
  if (first !== undefined) {
    await loadFile(config, first);
    for (const file of others) {
      const { KubeConfig: Config } = await import('@kubernetes/client-node');
      const other = new Config();
      await loadFile(other, file);
      config.mergeConfig(other, true);
    }
    return first;
  }
  const home = join(env.HOME ?? homedir(), '.kube', 'config');
  if (await exists(home)) {
    await loadFile(config, home);
    return home;
  }
  if (env.KUBERNETES_SERVICE_HOST) {
    config.loadFromCluster();
    return 'the service account of this pod';
  }
  throw new KubeconfigError(
    `no cluster to talk to: neither $KUBECONFIG nor ${home} exists, and this is no pod of a cluster; give --kubeconfig FILE`,
  );
}

function kubeconfigFiles(env: ClusterOptions['env']): readonly string[] {
  return (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
}

async function loadFile(config: KubeConfig, file: string): Promise<void> {
  try {
    await readFile(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? String(error)})`;
    throw new KubeconfigError(`the kubeconfig ${file} ${why}; check --kubeconfig or $KUBECONFIG`, {
      cause: error,
    });
  }
  try {
    config.loadFromFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new KubeconfigError(`the kubeconfig ${file} is not valid: ${why}`, { cause: error });
  }
}

function selectContext(config: KubeConfig, context: string | undefined, source: string): void {
  const names = config.getContexts().map(({ name }) => name);
  const available = names.length > 0 ? names.join(', ') : 'none';
  if (context !== undefined) {
    if (!names.includes(context)) {
      throw new KubeconfigError(
        `${source}: there is no context ${JSON.stringify(context)}; available: ${available}`,
      );
    }
    config.setCurrentContext(context);
  } else if (!names.includes(config.getCurrentContext())) {
    throw new KubeconfigError(
      `${source}: current-context is ${config.getCurrentContext() ? 'not among the contexts' : 'not set'}; give --context, one of: ${available}`,
    );
  }
}

type Credentials = {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Parameters<KubeConfig['createDispatcherOptions']>[1];
};

async function credentialsOf(config: KubeConfig, source: string): Promise<Credentials> {
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeconfigError(`${source}: could not get credentials for the user: ${why}`, { cause: error });
  }
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, auth } = options;
  const given = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  const tls = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  if (typeof auth === 'string') headers.authorization = `Basic ${Buffer.from(auth).toString('base64')}`;
  return { headers, tls };
}

/** The same options; the two packages differ only in how they write down an absent one. */
type ConnectOptions = buildConnector.BuildOptions;
type DispatcherOptions = ReturnType<KubeConfig['createDispatcherOptions']>;

function pool(options: DispatcherOptions, connections: number, source: string): Dispatcher {
  // HTTP/1.1: one slow answer never holds up another. Idle connections outlive the gaps between Lease renewals.
  const common = { connections, allowH2: false, keepAliveTimeout: 30_000 };
  switch (options.type) {
    case 'agent':
      return new Agent({ ...common, connect: options.connect as ConnectOptions });
    case 'proxy':
      return new ProxyAgent({
        ...common,
        uri: options.uri,
        requestTls: options.requestTls as ConnectOptions,
      });
    case 'none':
      return new Agent(common);
    case 'socks':
      throw new KubeconfigError(
        `${source}: proxy-url: SOCKS proxies are not supported; give an http:// or https:// proxy`,
      );
  }
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}
