import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LocalCluster, startLocalCluster } from '../../src/localcluster/cluster.ts';
import { ensureCertificates } from '../../src/tls/certificates.ts';
import {
  comparisonServer,
  everynodeWebhook,
  type Place,
  underLoad,
  type WebhookContender,
} from './contender.ts';
import type { LoadResult } from './load.ts';
import { measurePods, type PodRates } from './pods.ts';

export type ServingRun = {
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server for one answer, in microseconds. */
  readonly cpu: number;
};

export type FloodRun = {
  readonly bytes: number;
  readonly statuses: LoadResult['statuses'];
  /** Most memory that the process ever held, in bytes. */
  readonly peakBytes: number;
};

export type WebhookResults = {
  readonly serving: readonly { readonly name: string; readonly runs: readonly ServingRun[] }[];
  readonly floods: readonly FloodRun[];
  readonly pods: PodRates;
};

export type WebhookBench = { readonly runs: number; readonly seconds: number; readonly pods: number };

type Start = (place: Place) => Promise<WebhookContender>;

const CONTENDERS: readonly (readonly [name: string, start: Start])[] = [
  ['bare node:https', (place) => comparisonServer('bare', place)],
  ['everynode', (place) => everynodeWebhook(place)],
  ['express 5', (place) => comparisonServer('express', place)],
];
export const CONNECTIONS = 16;
export const CROWD = 500;
const KIB = 1024;

/** Measures the webhook: alone beside other servers, under a crowd of clients, and in front of an API server. */
export async function measureWebhook(
  bench: WebhookBench,
  say: (text: string) => void,
): Promise<WebhookResults> {
  say('starting a control plane');
  // Nobody schedules or runs the pods: that would only take time from what is measured.
  const cluster = await startLocalCluster({ without: ['kube-scheduler', 'kwok'] });
  const place = await placeOf(cluster);
  try {
    const serving = await measureServing(place, bench, say);
    const floods: FloodRun[] = [];
    for (const bytes of [8 * KIB, 3 * KIB * KIB]) {
      floods.push(await measureFlood(place, bytes, bench));
      say(`${CROWD} clients with ${bytes} bytes: ${JSON.stringify(floods.at(-1))}`);
    }
    return { serving, floods, pods: await measurePods(cluster, place, bench, say) };
  } finally {
    await rm(place.certDir, { recursive: true, force: true });
    await cluster.stop();
  }
}

async function placeOf(cluster: LocalCluster): Promise<Place> {
  const certDir = await mkdtemp(join(tmpdir(), 'everynode-bench-'));
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  await ensureCertificates({ dir: certDir, ...names, now: Date.now() });
  return { kubeconfig: cluster.kubeconfigPath, certDir };
}

async function measureServing(
  place: Place,
  { runs, seconds }: WebhookBench,
  say: (text: string) => void,
): Promise<WebhookResults['serving']> {
  const measured = CONTENDERS.map(([name]) => ({ name, runs: [] as ServingRun[] }));
  // In turns, so that a busy moment of the machine hits all of them.
  for (let round = 0; round < runs; round += 1) {
    for (const [at, [name, start]] of CONTENDERS.entries()) {
      const run = await serve(await start(place), place, seconds);
      measured[at]?.runs.push(run);
      say(`round ${round + 1}: ${name} ${run.rate.toFixed(0)}/s, p99 ${run.p99.toFixed(2)} ms`);
    }
  }
  return measured;
}

async function serve(server: WebhookContender, place: Place, seconds: number): Promise<ServingRun> {
  try {
    // Compiled before it is measured, and before its processor time is.
    const order = { ...orderOf(server, place), connections: CONNECTIONS, bytes: 8 * KIB };
    await underLoad({ ...order, warmUpSeconds: 0, seconds: Math.min(5, seconds) });
    const before = await server.usage();
    const result = await underLoad({ ...order, warmUpSeconds: 0, seconds });
    const after = await server.usage();
    const answers = answersOf(result);
    return {
      rate: answers / result.seconds,
      p50: result.latency.p50,
      p99: result.latency.p99,
      cpu: ((after.cpuSeconds - before.cpuSeconds) * 1e6) / answers,
    };
  } finally {
    await server.stop();
  }
}

async function measureFlood(place: Place, bytes: number, { seconds }: WebhookBench): Promise<FloodRun> {
  const server = await everynodeWebhook(place);
  try {
    const order = { ...orderOf(server, place), connections: CROWD, bytes };
    const { statuses } = await underLoad({ ...order, warmUpSeconds: 0, seconds });
    await sleep(500);
    const { peakBytes } = await server.usage();
    return { bytes, statuses, peakBytes };
  } finally {
    await server.stop();
  }
}

function orderOf(
  { port }: WebhookContender,
  { certDir }: Place,
): { port: number; caFile: string; path: string } {
  return { port, caFile: join(certDir, 'ca.crt'), path: '/mutate' };
}

/** @throws Error when one of them was no success: then nothing was measured. */
function answersOf({ statuses }: LoadResult): number {
  const { 200: answers = 0, ...others } = statuses;
  if (answers === 0 || Object.keys(others).length > 0) {
    throw new Error(`not every request was answered: ${JSON.stringify(statuses)}`);
  }
  return answers;
}
