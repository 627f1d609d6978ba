import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { DAEMONSETS } from '../../src/api/kinds.ts';
import { createClient } from '../../src/kube/client.ts';
import { loadCluster } from '../../src/kube/cluster.ts';
import { createTransport, type Transport } from '../../src/kube/transport.ts';
import type { LocalCluster } from '../../src/localcluster/cluster.ts';
import { daemonSetManifest } from '../manifests.ts';
import { everynodeWebhook, type Place } from './contender.ts';
import type { WebhookBench } from './measure.ts';

/** Pods of a DaemonSet that the API server took in a second, by what stood in front of it; one for each run. */
export type PodRates = {
  readonly pods: number;
  readonly rates: readonly { readonly name: string; readonly runs: readonly number[] }[];
};

const NAME = 'bench';
const NAMESPACE = 'default';
/** Until the API server has noticed that a webhook configuration came or went. */
const NOTICE_MS = 3_000;
const silent = (): void => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };

/** Creates the pods of a DaemonSet that name their node by annotation, so that every one is patched. */
export async function measurePods(
  cluster: LocalCluster,
  place: Place,
  { runs, pods }: WebhookBench,
  say: (text: string) => void,
): Promise<PodRates> {
  const transport = createTransport(await loadCluster({ kubeconfig: cluster.kubeconfigPath, env: {} }), {
    logger,
  });
  try {
    const owner = await createClient(transport).create<DaemonSet>(
      DAEMONSETS,
      NAMESPACE,
      daemonSetManifest(NAME),
    );
    const post = (): Promise<number> => postPods(cluster, pods, owner.metadata.uid);
    const plain: number[] = [];
    const guarded: number[] = [];
    for (let round = 0; round < runs; round += 1) {
      plain.push(await post());
      await sweep(transport);
      guarded.push(await withWebhook(place, transport, post));
      await sweep(transport);
      say(
        `round ${round + 1}: pods ${plain.at(-1)?.toFixed(0)}/s, with webhook ${guarded.at(-1)?.toFixed(0)}/s`,
      );
    }
    return {
      pods,
      rates: [
        { name: 'no webhook', runs: plain },
        { name: 'everynode', runs: guarded },
      ],
    };
  } finally {
    await transport.close();
  }
}

async function withWebhook(place: Place, transport: Transport, post: () => Promise<number>): Promise<number> {
  const webhook = await everynodeWebhook(place, ['--unregister']);
  try {
    await sleep(NOTICE_MS);
    const rate = await post();
    await assertPatched(transport);
    return rate;
  } finally {
    await webhook.stop();
    await sleep(NOTICE_MS);
  }
}

/** Pods a second. */
async function postPods({ kubeconfigPath }: LocalCluster, pods: number, owner: string): Promise<number> {
  const args = [join(import.meta.dirname, '../post-loop.ts'), kubeconfigPath, String(pods), NAME, owner];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return pods / Number(stdout);
}

type PodList = { readonly items: readonly { readonly spec: { readonly affinity?: object } }[] };

/** @throws Error when the webhook was not asked: then nothing was measured. */
async function assertPatched(transport: Transport): Promise<void> {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods?limit=500`;
  const { items } = (await transport.request({ method: 'GET', path })) as PodList;
  const missed = items.filter(({ spec }) => !spec.affinity).length;
  if (items.length === 0 || missed > 0) throw new Error(`${missed} of ${items.length} pods were not patched`);
}

async function sweep(transport: Transport): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
  const path = `/api/v1/namespaces/${NAMESPACE}/pods`;
  await transport.request({ method: 'DELETE', path, body, timeoutMs: 120_000 });
  await sleep(2_000);
}
