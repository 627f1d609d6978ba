import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import {
  type LocalCluster,
  type LocalClusterOptions,
  startLocalCluster,
} from '../../src/localcluster/cluster.ts';
import { DirectApi } from './direct-api.ts';

const run = promisify(execFile);

export type LogLine = { readonly level: number; readonly msg: string; readonly [field: string]: unknown };

export type RawPod = {
  metadata: {
    name: string;
    uid: string;
    creationTimestamp: string;
    labels: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: { uid: string }[];
  };
  spec: { nodeName?: string; affinity?: unknown; tolerations?: unknown[]; containers: { image: string }[] };
  status: { phase: string; conditions?: { type: string; status: string }[] };
};

/** A real control plane with what tests do to it, in kubectl's words. */
export class TestCluster {
  readonly local: LocalCluster;
  #api: Promise<DirectApi> | undefined;

  private constructor(local: LocalCluster) {
    this.local = local;
  }

  static async start(options: LocalClusterOptions = {}): Promise<TestCluster> {
    return new TestCluster(await startLocalCluster(options));
  }

  async stop(): Promise<void> {
    await (await this.#api)?.close();
    await this.local.stop();
  }

  /**
   * As it was before the first test: no node, and in the namespace `default` nothing that a DaemonSet is made of. To start
   * another cluster takes longer.
   */
  async clear(): Promise<void> {
    await this.kubectl('delete', 'daemonsets', '--all');
    await this.kubectl('delete', 'nodes', '--all');
    // Where no kubelet is left, nobody ends them.
    await this.kubectl('delete', 'pods', '--all', '--force', '--grace-period=0');
    await eventually(async () => {
      const left = await this.kubectl('get', 'pods,controllerrevisions', '-o', 'name');
      if (left !== '') throw new Error(`still there: ${left}`);
    });
  }

  /** kubectl's output; throws with what it printed to stderr. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return (await this.kubectlAll(...args)).stdout;
  }

  /** The same, with the warnings that it prints to stderr. */
  kubectlAll(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    return run(this.local.binaries.kubectl, [`--kubeconfig=${this.local.kubeconfigPath}`, ...args], {
      maxBuffer: 64 * 1024 * 1024,
    });
  }

  /** What kubectl prints to stderr when it is refused; throws when it is not. */
  async kubectlRefused(...args: readonly string[]): Promise<string> {
    try {
      await this.kubectl(...args);
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
    throw new Error(`kubectl ${args.join(' ')} was expected to fail, and did not`);
  }

  async apply(object: object, ...args: readonly string[]): Promise<string> {
    const child = spawn(
      this.local.binaries.kubectl,
      [`--kubeconfig=${this.local.kubeconfigPath}`, 'apply', '-f', '-', ...args],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += String(chunk)));
    child.stdin.end(JSON.stringify(object));
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw Object.assign(new Error(out), { stderr: out });
    return out;
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.kubectl(...args, '-o', 'json')) as T;
  }

  daemonSet(name: string, namespace = 'default'): Promise<DaemonSet> {
    return this.#read<DaemonSet>(`/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`);
  }

  /** Pods with the label `app: name`, in order of their nodes. */
  async pods(name: string, namespace = 'default'): Promise<RawPod[]> {
    const { items } = await this.#read<{ items: RawPod[] }>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`,
    );
    return items.toSorted((a, b) => (a.spec.nodeName ?? '').localeCompare(b.spec.nodeName ?? ''));
  }

  /** Without kubectl, whose start costs more than all else that waiting does. */
  async #read<T>(path: string): Promise<T> {
    this.#api ??= DirectApi.of(this.local);
    const { status, body } = await (await this.#api).call('GET', path);
    if (status !== 200) throw new Error((body as { message?: string }).message ?? `${path}: ${status}`);
    return body as T;
  }

  /** Names of the nodes that have a live, ready pod of the DaemonSet. */
  async nodesWith(name: string): Promise<string[]> {
    return (await this.pods(name))
      .filter((pod) => !pod.metadata.deletionTimestamp && isReady(pod))
      .map((pod) => pod.spec.nodeName ?? '');
  }
}

export function isReady(pod: RawPod): boolean {
  return pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** Asks again until the answer satisfies `expect`-style assertions, or the time is over: then the last one fails. */
export async function eventually<T>(probe: () => Promise<T> | T, seconds = 45): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(100);
    }
  }
}

/** A DaemonSet with one container, selected by `app: name`. */
export function daemonSet(
  name: string,
  { spec = {}, pod = {}, annotations = {}, labels = { app: name } }: DaemonSetParts = {},
): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels, annotations },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'agent', image: 'registry.k8s.io/pause:3.9' }],
          ...pod,
        },
      },
      ...spec,
    },
  };
}

type DaemonSetParts = {
  spec?: object;
  pod?: object;
  annotations?: Record<string, string>;
  /** Of the pods. */
  labels?: Record<string, string>;
};

/** The everynode process under test, as a user starts it. */
export class Everynode {
  readonly logs: LogLine[] = [];
  /** What it printed to stdout. */
  readonly printed: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #child: ReturnType<typeof spawn>;
  readonly #certDir: string;

  private constructor(child: ReturnType<typeof spawn>, certDir: string) {
    this.#child = child;
    this.#certDir = certDir;
    this.exited = new Promise((resolve) => child.on('close', resolve));
    if (!child.stdout || !child.stderr) throw new Error('stdout and stderr are not piped');
    createInterface({ input: child.stdout }).on('line', (line) => this.printed.push(line));
    createInterface({ input: child.stderr }).on('line', (line) => this.logs.push(parseLog(line)));
  }

  static async start(
    cluster: TestCluster,
    command: 'sync' | 'serve' | 'webhook' | 'dashboard',
    ...args: string[]
  ): Promise<Everynode> {
    const certDir = await mkdtemp(join(tmpdir(), 'everynode-certs-'));
    const ownCertificates = args.some((arg) => arg.startsWith('--cert-secret'));
    const hasWebhook = command === 'serve' || command === 'webhook';
    const webhookArgs = [
      ...(hasWebhook ? ['--port=0', '--unregister'] : []),
      ...(hasWebhook && !ownCertificates ? [`--cert-dir=${certDir}`] : []),
    ];
    const child = spawn(
      process.execPath,
      ['src/main.ts', command, `--kubeconfig=${cluster.local.kubeconfigPath}`, ...webhookArgs, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return new Everynode(child, certDir);
  }

  /** Starts it and waits until it makes the pods. */
  static async own(
    cluster: TestCluster,
    command: 'sync' | 'serve' = 'sync',
    ...args: string[]
  ): Promise<Everynode> {
    const everynode = await Everynode.start(cluster, command, '--mode=own', '--probe-timeout=1', ...args);
    await everynode.logged((line) => line.mode === 'own');
    return everynode;
  }

  /** Waits for a log line; fails with all of them when the process ends first. */
  logged(matches: (line: LogLine) => boolean, seconds = 60): Promise<LogLine> {
    return eventually(() => {
      const found = this.logs.find(matches);
      if (!found)
        throw new Error(`no such log line in:\n${this.logs.map((line) => JSON.stringify(line)).join('\n')}`);
      return found;
    }, seconds);
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    const code = await this.exited;
    await rm(this.#certDir, { recursive: true, force: true });
    return code;
  }
}

function parseLog(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 0, msg: line };
  }
}
