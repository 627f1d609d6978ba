import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateBinaries } from '../../src/localcluster/binaries.ts';
import { type LocalClusterOptions, startLocalCluster } from '../../src/localcluster/cluster.ts';
import { freePorts } from '../../src/localcluster/ports.ts';
import { isRunning } from '../localcluster/is-running.ts';
import { eventually } from './harness.ts';

/** Enough for what concerns processes and folders, and ready sooner. */
const WITHOUT = ['kube-controller-manager', 'kube-scheduler', 'kwok'] as const;

let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-failures-'));
  dataDir = join(folder, 'data');
});

afterEach(() => rm(folder, { recursive: true }));

const start = (options: LocalClusterOptions): ReturnType<typeof startLocalCluster> =>
  startLocalCluster({ without: WITHOUT, dataDir, ...options });

describe('the port of the API server', () => {
  it('is the one that is asked for', async () => {
    const [port = 0] = await freePorts(1);
    const cluster = await start({ port });
    expect(cluster.server).toBe(`https://127.0.0.1:${port}`);
    expect(() => cluster.component('kwok')).toThrow('this cluster was started without kwok');
    await cluster.stop();
    expect(existsSync(dataDir)).toBe(false);
  });

  it('is refused when it is taken', async () => {
    const [port = 0] = await freePorts(1);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await expect(start({ port })).rejects.toThrow(`port ${port} on 127.0.0.1 is taken`);
    server.close();
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('a component that dies while it starts', () => {
  it('fails the start at once with the end of its log, and nothing is left', async () => {
    const failing = start({ extraArgs: { 'kube-apiserver': ['--no-such-flag'] } });
    await expect(failing).rejects.toThrow(
      /^kube-apiserver died while starting.*unknown flag: --no-such-flag/s,
    );
    expect(existsSync(dataDir)).toBe(false);
  }, 20_000);

  it('is given other ports when another program has taken its own', async () => {
    const { etcd } = await locateBinaries(process.env, () => undefined);
    const script = `#!/bin/sh
[ "$1" = --version ] && exec ${etcd} --version
[ -e "$0.tried" ] && exec ${etcd} "$@"
touch "$0.tried"
echo 'listen tcp 127.0.0.1:1: bind: address already in use'
exit 1
`;
    await writeFile(join(folder, 'etcd'), script);
    await chmod(join(folder, 'etcd'), 0o755);
    const cluster = await start({ env: { ...process.env, KUBEBUILDER_ASSETS: folder } });
    expect(existsSync(join(folder, 'etcd.tried'))).toBe(true);
    await cluster.stop();
  });
});

describe('the data folder', () => {
  it('is kept when that is asked for', async () => {
    const cluster = await start({ keepData: true });
    await cluster.stop();
    expect(await readdir(join(dataDir, 'logs'))).toEqual(['etcd.log', 'kube-apiserver.log']);
  });

  it('is refused when there is something in it', async () => {
    await writeFile(join(folder, 'precious'), '');
    await expect(start({ dataDir: folder })).rejects.toThrow(`${folder} is not empty; name a new folder`);
    expect(existsSync(join(folder, 'precious'))).toBe(true);
  });
});

it('an aborted start ends all that was started', async () => {
  const controller = new AbortController();
  const starting = start({ signal: controller.signal });
  const failed = expect(starting).rejects.toThrow('the start of the local cluster was interrupted');
  await eventually(() => expect(existsSync(join(dataDir, 'logs', 'kube-apiserver.log'))).toBe(true));
  controller.abort('SIGINT');
  await failed;
  expect(existsSync(dataDir)).toBe(false);
});

describe('a parent that ends without stopping the cluster', () => {
  const CLUSTER = new URL('../../src/localcluster/cluster.ts', import.meta.url).href;
  const source = (code: string): string => `
    import { startLocalCluster } from ${JSON.stringify(CLUSTER)};
    const without = ${JSON.stringify(WITHOUT)};
    const cluster = await startLocalCluster({ without, dataDir: ${JSON.stringify(dataDir)} });
    const pids = ['etcd', 'kube-apiserver'].map((name) => cluster.component(name).pid);
    process.stdout.write(JSON.stringify(pids));
    ${code}
  `;

  it.each([
    ['by SIGKILL', '', 'SIGKILL'],
    ['by Ctrl-C', '', 'SIGINT'],
    ['by an uncaught exception', 'setTimeout(() => { throw new Error("unexpected"); }, 100);', undefined],
  ] as const)('%s leaves no process and no folder', async (_, code, signal) => {
    const args = ['--input-type=module', '-e', source(code)];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const text = await new Promise<string>((resolve, reject) => {
      parent.stdout.once('data', (chunk) => resolve(String(chunk)));
      parent.once('exit', () => reject(new Error('ended before the cluster had started')));
    });
    const pids = JSON.parse(text) as number[];
    expect(pids.map(isRunning)).toEqual([true, true]);
    if (signal) parent.kill(signal);
    await eventually(() => expect(pids.filter(isRunning)).toEqual([]), 10);
    await eventually(() => expect(existsSync(dataDir)).toBe(false), 10);
  });

  it('by SIGKILL in the middle of the start, neither', async () => {
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source('')], { stdio: 'ignore' });
    await eventually(() => expect(existsSync(join(dataDir, 'logs', 'kube-apiserver.log'))).toBe(true));
    parent.kill('SIGKILL');
    await eventually(() => expect(existsSync(dataDir)).toBe(false), 10);
  });
});
