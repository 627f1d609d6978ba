import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { LocalCluster } from '../src/localcluster/cluster.ts';
import { freePorts } from '../src/localcluster/ports.ts';
import { type Usage, usageOf } from './process-usage.ts';

/** A DaemonSet controller that runs as a process of its own. */
export type Contender = {
  readonly name: string;
  readonly usage: () => Promise<Usage>;
  /** Requests that it has made so far, by its own count. */
  readonly requests: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

export type StartContender = { readonly name: string; readonly start: () => Promise<Contender> };

const METRIC = /^rest_client_requests_total\{[^}]*\} (\S+)$/gm;

/** kube-controller-manager with its DaemonSet controller and nothing else. */
export function builtIn(cluster: LocalCluster, name: string, limits: readonly string[]): StartContender {
  return {
    name,
    start: async () => {
      const [port = 0] = await freePorts(1);
      const given = cluster.arguments({ daemonSetController: true })['kube-controller-manager'];
      const own = given.filter((arg) => !/^--(controllers|secure-port|kube-api-)/.test(arg));
      const args = [...own, '--controllers=daemonset-controller', `--secure-port=${port}`, ...limits];
      const child = launch(cluster, cluster.binaries['kube-controller-manager'], args);
      return running(name, child, { url: `https://127.0.0.1:${port}/metrics`, token: cluster.token });
    },
  };
}

/** `everynode sync` as it is built. */
export function everynode(
  cluster: LocalCluster,
  name: string,
  flags: readonly string[] = [],
): StartContender {
  return {
    name,
    start: async () => {
      const [port = 0] = await freePorts(1);
      const args = [
        join(import.meta.dirname, '../dist/main.js'),
        'sync',
        '--mode=own',
        '--log-level=warn',
        '--probe-timeout=1',
        `--kubeconfig=${cluster.kubeconfigPath}`,
        `--metrics-bind-address=127.0.0.1:${port}`,
        ...flags,
      ];
      const child = launch(cluster, process.execPath, args);
      return running(name, child, { url: `http://127.0.0.1:${port}/metrics` });
    },
  };
}

function launch({ dataDir }: LocalCluster, binary: string, args: readonly string[]): ChildProcess {
  const log = createWriteStream(join(dataDir, 'logs', 'contender.log'), { flags: 'a' });
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  return child;
}

type Scrape = { readonly url: string; readonly token?: string };

async function running(name: string, child: ChildProcess, scrape: Scrape): Promise<Contender> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pid = child.pid ?? 0;
  const contender: Contender = {
    name,
    usage: () => usageOf(pid),
    requests: () => scrapeRequests(scrape),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
  // Up once it counts requests; a moment more, so that its caches are full.
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null)
      throw new Error(`${name} ended with ${child.exitCode}; see logs/contender.log`);
    if ((await contender.requests().catch(() => 0)) > 0) break;
    await sleep(100);
  }
  await sleep(3_000);
  return contender;
}

async function scrapeRequests({ url, token }: Scrape): Promise<number> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  try {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { body, statusCode } = await request(url, { dispatcher, headers });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${url}: ${statusCode}`);
    return [...text.matchAll(METRIC)].reduce((sum, [, count]) => sum + Number(count), 0);
  } finally {
    await dispatcher.close();
  }
}
