import { onTestFinished } from 'vitest';
import type { NodeRecord } from '../../src/api/node.ts';
import type { PodRecord } from '../../src/api/pod.ts';
import { type ClusterCaches, createClusterCaches, WORKLOAD_KINDS } from '../../src/cache/cluster-caches.ts';
import { recordingLogger } from '../fakes/logger.ts';
import type { FakeClient } from '../syncloop/fake-client.ts';
import { type Contents, sendInitial } from '../syncloop/filled-caches.ts';
import { rawNode, rawPod } from '../syncloop/raw-objects.ts';

/** All that rules and the dashboard follow, until the test ends; nothing has been listed yet. */
export function followedCluster(client: FakeClient): ClusterCaches {
  const cluster = createClusterCaches(client, recordingLogger());
  const stop = new AbortController();
  const running = cluster.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  return cluster;
}

/** Objects as the API server sends them; of a kind that is undefined, the list does not come. */
export type Listed = { readonly [name in keyof Contents]: Contents[name] | undefined };

/** Lets every watch begin: with these objects, and none of other kinds. */
export async function fill(client: FakeClient, listed: Listed = {}): Promise<void> {
  const all = { daemonSets: [], nodes: [], pods: [], revisions: [], ...listed };
  const known = Object.entries(all).filter(([, objects]) => objects !== undefined);
  await Promise.all([
    sendInitial(client, Object.fromEntries(known) as Contents),
    ...WORKLOAD_KINDS.map((kind) => client.feed(kind).bookmark('100')),
  ]);
}

/** The Node as the API server would send it, with its Ready condition. */
export function rawBoardNode(record: NodeRecord): object {
  const { notReadySince } = record;
  const condition = {
    type: 'Ready',
    status: notReadySince === undefined ? 'True' : 'Unknown',
    lastTransitionTime: new Date(notReadySince ?? 0).toISOString(),
  };
  return { ...rawNode(record), status: { conditions: [condition] } };
}

/** The Pod as the API server would send it; one in trouble cannot get its image. */
export function rawBoardPod(record: PodRecord): object {
  const raw = rawPod(record) as { readonly status: object };
  if (record.trouble === undefined) return raw;
  const containerStatuses = [{ ready: false, state: { waiting: { reason: record.trouble } } }];
  return { ...raw, status: { ...raw.status, containerStatuses } };
}
