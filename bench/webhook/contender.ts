import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Usage, usageOf } from '../process-usage.ts';
import type { LoadOrder, LoadResult } from './load.ts';

/** A webhook server that runs as a process of its own, on the first core. */
export type WebhookContender = {
  readonly port: number;
  readonly usage: () => Promise<Usage>;
  readonly stop: () => Promise<void>;
};

/** Where everynode finds its API server, and keeps what it makes. */
export type Place = {
  readonly kubeconfig: string;
  readonly certDir: string;
};

const ROOT = join(import.meta.dirname, '../..');
/** Where the servers run, and where the load comes from; with one core, they share it. */
const SERVER_CORE = 0;
const LOAD_CORE = Math.min(1, availableParallelism() - 1);

/** `everynode webhook` as it is built. */
export async function everynodeWebhook(
  { kubeconfig, certDir }: Place,
  flags: readonly string[] = ['--register=none'],
): Promise<WebhookContender> {
  const args = [join(ROOT, 'dist/main.js'), 'webhook', '--port=0', '--log-level=info', ...flags];
  const child = pinned(SERVER_CORE, [...args, `--kubeconfig=${kubeconfig}`, `--cert-dir=${certDir}`]);
  for await (const line of linesOf(child, 'stderr')) {
    const port = /"port":(\d+),"msg":"serving admission"/.exec(line)?.[1];
    if (port !== undefined) return contender(child, Number(port));
  }
  throw new Error('everynode webhook ended before it served');
}

export async function comparisonServer(
  kind: 'bare' | 'express',
  { certDir }: Place,
): Promise<WebhookContender> {
  const child = pinned(SERVER_CORE, [join(import.meta.dirname, 'comparison-server.ts'), kind, certDir]);
  for await (const line of linesOf(child, 'stdout')) return contender(child, Number(line));
  throw new Error(`the ${kind} server ended before it served`);
}

/** Sends load from a process of its own, on the second core. */
export async function underLoad(order: LoadOrder): Promise<LoadResult> {
  const args = [join(import.meta.dirname, 'load-process.ts'), JSON.stringify(order)];
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    String(LOAD_CORE),
    process.execPath,
    ...args,
  ]);
  return JSON.parse(stdout) as LoadResult;
}

function pinned(core: number, args: readonly string[]): ChildProcess {
  return spawn('taskset', ['-c', String(core), process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function* linesOf(child: ChildProcess, from: 'stdout' | 'stderr'): AsyncGenerator<string> {
  const stream = child[from];
  if (!stream) return;
  const lines = createInterface({ input: stream });
  const said: string[] = [];
  try {
    for await (const line of lines) {
      said.push(line);
      yield line;
    }
    throw new Error(`a server ended: ${said.join('\n')}`);
  } finally {
    // Read on, so that the process never waits for somebody to read what it logs.
    stream.resume();
  }
}

/** taskset becomes the program that it starts, so its process id is the server's. */
function contender(child: ChildProcess, port: number): WebhookContender {
  return {
    port,
    usage: () => usageOf(child.pid ?? 0),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
