import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { DAEMONSETS, type ResourceKind } from '../../src/api/kinds.ts';
import { policies, type PolicyObject } from '../../src/core/admission/cel/policies.ts';
import { createClient } from '../../src/kube/client.ts';
import { loadCluster } from '../../src/kube/cluster.ts';
import { createTransport, type Transport } from '../../src/kube/transport.ts';
import type { LocalCluster } from '../../src/localcluster/cluster.ts';
import { daemonSetManifest } from '../manifests.ts';
import { everynodeWebhook, type Place } from './contender.ts';

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
  { runs, pods }: { readonly runs: number; readonly pods: number },
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
    const judged: number[] = [];
    for (let round = 0; round < runs; round += 1) {
      plain.push(await post());
      await sweep(transport);
      guarded.push(await withWebhook(place, transport, post));
      await sweep(transport);
      judged.push(await withPolicies(transport, post));
      await sweep(transport);
      const [none, webhook, cel] = [plain, guarded, judged].map((rates) => rates.at(-1)?.toFixed(0));
      say(`round ${round + 1}: pods ${none}/s, with webhook ${webhook}/s, with policies ${cel}/s`);
    }
    return {
      pods,
      rates: [
        { name: 'no webhook', runs: plain },
        { name: 'everynode', runs: guarded },
        { name: 'its rules on Pods as policies (CEL), which pin nothing', runs: judged },
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

/** Each pod is judged by every policy and lacks its pin, which only a webhook gives: that one warns. */
async function withPolicies(transport: Transport, post: () => Promise<number>): Promise<number> {
  const client = createClient(transport);
  const objects = policies({ levels: { 'pod-not-pinned': 'warn' } });
  for (const object of objects) await client.create(kindOf(object), '', object);
  try {
    await sleep(NOTICE_MS);
    return await post();
  } finally {
    for (const object of objects) await client.delete(kindOf(object), object.metadata);
    await sleep(NOTICE_MS);
  }
}

function kindOf({ apiVersion, kind }: PolicyObject): ResourceKind {
  const plural =
    kind === 'ValidatingAdmissionPolicy'
      ? 'validatingadmissionpolicies'
      : 'validatingadmissionpolicybindings';
  return { apiVersion, kind, plural, namespaced: false };
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
