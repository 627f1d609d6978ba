import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';

/** The kubeconfig is missing, unreadable or wrong. The message says which, and what to do. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}

export type KubeconfigOptions = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** A kubeconfig with its context chosen, and where it came from, for error messages. */
export type Kubeconfig = { readonly config: KubeConfig; readonly source: string };

/**
 * Loads the file given, else those of $KUBECONFIG, else ~/.kube/config, else the service account of the pod that we
 * run in. Of several files the first that says something counts, as for kubectl.
 *
 * @throws KubeconfigError
 */
export async function loadKubeconfig(options: KubeconfigOptions): Promise<Kubeconfig> {
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const found = await findFiles(options);
  const config = new Config();
  if (found.length === 0) config.loadFromCluster();
  else config.loadFromOptions(merge(found.map((file) => readConfig(new Config(), file))));
  const source = found.map(({ path }) => path).join(delimiter) || 'the service account of this pod';
  selectContext(config, options.context, source);
  return { config, source };
}

type File = { readonly path: string; readonly text: string };

/** The files that are there; none when the service account is to be used. */
async function findFiles({ kubeconfig, env }: KubeconfigOptions): Promise<readonly File[]> {
  if (kubeconfig !== undefined) return [await mustRead(kubeconfig)];
  const [first, ...others] = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  if (first !== undefined) {
    const files = await Promise.all([first, ...others].map(read));
    const found = files.filter((file) => file !== undefined);
    return found.length > 0 ? found : [await mustRead(first)];
  }
  const home = join(env.HOME ?? homedir(), '.kube', 'config');
  const file = await read(home);
  if (file) return [file];
  if (env.KUBERNETES_SERVICE_HOST) return [];
  throw new KubeconfigError(
    `no cluster to talk to: neither $KUBECONFIG nor ${home} exists, and this is no pod of a cluster; give --kubeconfig FILE`,
  );
}

async function mustRead(path: string): Promise<File> {
  const file = await read(path);
  if (file) return file;
  throw new KubeconfigError(`the kubeconfig ${path} does not exist; check --kubeconfig or $KUBECONFIG`);
}

/** Undefined when there is no such file. */
async function read(path: string): Promise<File | undefined> {
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new KubeconfigError(
      `the kubeconfig ${path} cannot be read (${code ?? String(error)}); check --kubeconfig or $KUBECONFIG`,
      { cause: error },
    );
  }
}

function readConfig(config: KubeConfig, { path, text }: File): KubeConfig {
  try {
    const content: unknown = parse(text, { version: '1.1' });
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      throw new Error('it is empty, or not a mapping with clusters, users and contexts');
    }
    config.loadFromString(JSON.stringify(asKubectlReads(content, dirname(path))));
    config.makePathsAbsolute(dirname(path));
    return config;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new KubeconfigError(`the kubeconfig ${path} is not valid: ${why}`, { cause: error });
  }
}

/** The parts of a cluster's or a user's entry that are looked at here. */
type Entry = {
  readonly cluster?: { readonly server?: unknown };
  readonly user?: { readonly tokenFile?: string };
} | null;

/** Writes in client-node's words what only kubectl understands. */
function asKubectlReads(content: { clusters?: unknown; users?: unknown }, folder: string): object {
  return {
    ...content,
    clusters: each(content.clusters, withoutTls),
    users: each(content.users, (entry) => withTokenFile(entry, folder)),
  };
}

function each(entries: unknown, change: (entry: Entry) => unknown): unknown {
  return Array.isArray(entries) ? entries.map(change) : entries;
}

/** Without TLS there is nothing to verify, so it need not be said. */
function withoutTls(entry: Entry): unknown {
  if (!String(entry?.cluster?.server).startsWith('http:')) return entry;
  return { ...entry, cluster: { ...entry?.cluster, 'insecure-skip-tls-verify': true } };
}

function withTokenFile(entry: Entry, folder: string): unknown {
  const { tokenFile, ...user } = entry?.user ?? {};
  if (!tokenFile) return entry;
  const config = { tokenFile: resolve(folder, tokenFile) };
  return { ...entry, user: { ...user, token: undefined, 'auth-provider': { name: 'tokenFile', config } } };
}

function merge(configs: readonly KubeConfig[]): object {
  return {
    clusters: firstOfEachName(configs.flatMap(({ clusters }) => clusters)),
    users: firstOfEachName(configs.flatMap(({ users }) => users)),
    contexts: firstOfEachName(configs.flatMap(({ contexts }) => contexts)),
    currentContext: configs.map(({ currentContext }) => currentContext).find(Boolean),
  };
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  return entries.filter(({ name }, at) => entries.findIndex((entry) => entry.name === name) === at);
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
