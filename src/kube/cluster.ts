import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import { type Kubeconfig, KubeconfigError, type KubeconfigOptions, loadKubeconfig } from './kubeconfig.ts';
import { proxyFromEnvironment } from './proxy-from-environment.ts';

export { KubeconfigError };

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
  /** Host and origin of the proxy that is passed through, such as `proxy:3128 ($HTTPS_PROXY)`. */
  readonly proxy?: string;
  /** Makes a connection pool with at most so many connections. */
  readonly connect: (connections: number) => Dispatcher;
};

const HEADERS_TTL_MS = 30_000;

/**
 * Finds the cluster that the kubeconfig names. Exec plugins, OIDC and token files are left to
 * @kubernetes/client-node.
 *
 * @throws KubeconfigError
 */
export async function loadCluster(options: KubeconfigOptions): Promise<Cluster> {
  let kubeconfig = await loadKubeconfig(options);
  const { config, source } = kubeconfig;
  const cluster = clusterOf(kubeconfig);
  const proxy = proxyOf(cluster, source, options.env);
  const credentials = await credentialsOf(kubeconfig);
  const network = config.createDispatcherOptions(
    { ...cluster, ...(proxy && { proxyUrl: proxy.url }) },
    credentials.tls,
  );
  let headers = Promise.resolve(credentials.headers);
  let loadedAt = performance.now();
  let isRefused = false;
  const load = async (): Promise<Credentials['headers']> => {
    // A config keeps the token of an exec plugin until it expires; only a new config asks the plugin again.
    if (isRefused) kubeconfig = await loadKubeconfig(options);
    isRefused = false;
    return (await credentialsOf(kubeconfig)).headers;
  };
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
    headers: () => {
      if (performance.now() - loadedAt > HEADERS_TTL_MS) {
        loadedAt = performance.now();
        headers = load();
        headers.catch(() => {
          loadedAt = -Infinity;
        });
      }
      return headers;
    },
    refresh: () => {
      isRefused = true;
      loadedAt = -Infinity;
    },
    connect: (connections) => pool(network, connections),
    ...(proxy && { proxy: `${new URL(proxy.url).host} (${proxy.setBy})` }),
  };
}

type Proxy = { readonly url: string /** For error messages. */; readonly setBy: string };

/**
 * That of the kubeconfig, else of the environment, as for kubectl.
 *
 * @throws KubeconfigError when it is no URL of a proxy that we can use. It is not told, for there may be a password in it.
 */
function proxyOf(
  { server, proxyUrl }: NonNullable<ReturnType<KubeConfig['getCurrentCluster']>>,
  source: string,
  env: KubeconfigOptions['env'],
): Proxy | undefined {
  const inEnvironment = proxyUrl ? undefined : proxyFromEnvironment(new URL(server), env);
  const url = proxyUrl || inEnvironment?.url;
  if (!url) return undefined;
  const setBy = inEnvironment ? `$${inEnvironment.variable}` : `${source}: proxy-url`;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    const what = /^socks/i.test(url) ? 'SOCKS proxies are not supported' : 'is no URL of an HTTP proxy';
    throw new KubeconfigError(`${setBy}: ${what}; give one such as http://proxy.example.com:3128`);
  }
  return { url, setBy };
}

function clusterOf({ config, source }: Kubeconfig): NonNullable<ReturnType<KubeConfig['getCurrentCluster']>> {
  const context = config.getContextObject(config.getCurrentContext());
  const where = `${source}: the context ${JSON.stringify(config.getCurrentContext())}`;
  const cluster = config.getCurrentCluster();
  if (!cluster) {
    throw new KubeconfigError(
      `${where} names the cluster ${JSON.stringify(context?.cluster)}, which is not there; check contexts[].context.cluster and clusters[].name`,
    );
  }
  if (!/^https?:/.test(cluster.server) || !URL.canParse(cluster.server)) {
    throw new KubeconfigError(
      `${where} leads to the server ${JSON.stringify(cluster.server)}, which is no URL; check clusters[].cluster.server`,
    );
  }
  if (context?.user && !config.getCurrentUser()) {
    throw new KubeconfigError(
      `${where} names the user ${JSON.stringify(context.user)}, who is not there; check contexts[].context.user and users[].name`,
    );
  }
  return cluster;
}

type Credentials = {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Parameters<KubeConfig['createDispatcherOptions']>[1];
};

async function credentialsOf({ config, source }: Kubeconfig): Promise<Credentials> {
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
    throw new KubeconfigError(`${source}: could not get credentials for the user: ${why}`, { cause: error });
  }
  const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, auth } = options;
  const given = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
  const tls = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value).trim()]),
  );
  if (typeof auth === 'string') headers.authorization = `Basic ${Buffer.from(auth).toString('base64')}`;
  return { headers, tls };
}

/** The same options; the two packages differ only in how they write down an absent one. */
type ConnectOptions = buildConnector.BuildOptions;
type DispatcherOptions = ReturnType<KubeConfig['createDispatcherOptions']>;

function pool(options: DispatcherOptions, connections: number): Dispatcher {
  // HTTP/1.1: one slow answer never holds up another. Idle connections outlive the gaps between Lease renewals.
  const common = { connections, allowH2: false, keepAliveTimeout: 30_000 };
  if (options.type === 'proxy')
    return new ProxyAgent({ ...common, uri: options.uri, requestTls: options.requestTls as ConnectOptions });
  return new Agent(
    options.type === 'agent' ? { ...common, connect: options.connect as ConnectOptions } : common,
  );
}
