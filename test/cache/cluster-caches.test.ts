import { expect, it } from 'vitest';
import {
  CONTROLLER_REVISIONS,
  DAEMONSETS,
  DEPLOYMENTS,
  NODES,
  PODS,
  REPLICASETS,
  REPLICATION_CONTROLLERS,
} from '../../src/api/kinds.ts';
import { createClusterCaches, WORKLOAD_KINDS } from '../../src/cache/cluster-caches.ts';
import { DEMO_UID, daemonSet } from '../builders/daemonset.ts';
import { node } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { rawNode, rawPod, rawRevision } from '../syncloop/raw-objects.ts';

const labels = { app: 'web' };
const template = { metadata: { labels } };

function raw(name: string, spec: object, metadata: object = {}): object {
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', ...metadata },
    spec,
  };
}

it('shows the rules what the caches hold, by namespace and owner', async () => {
  const client = new FakeClient();
  const caches = createClusterCaches(client, recordingLogger());
  const stop = new AbortController();
  const running = caches.run(stop.signal);
  const contents = new Map<unknown, readonly object[]>([
    [DAEMONSETS, [daemonSet()]],
    [NODES, [rawNode(node('n1'))]],
    [
      PODS,
      [rawPod(pod('ours')), rawPod(pod('bare', { owner: 'nobody' })), rawPod(pod('rs', { owner: 'other' }))],
    ],
    [CONTROLLER_REVISIONS, [rawRevision(revision('a')), rawRevision(revision('b', { owner: 'nobody' }))]],
    [DEPLOYMENTS, [raw('web', { selector: { matchLabels: labels }, template })]],
    [
      REPLICASETS,
      [raw('web-1', { template }, { ownerReferences: [{ kind: 'Deployment', controller: true }] })],
    ],
    [REPLICATION_CONTROLLERS, [raw('old', { selector: labels, template })]],
  ]);
  for (const kind of [DAEMONSETS, NODES, PODS, CONTROLLER_REVISIONS, ...WORKLOAD_KINDS]) {
    for (const object of contents.get(kind) ?? []) await client.feed(kind).send('ADDED', object);
    await client.feed(kind).bookmark('100');
  }
  await caches.synced;
  const { view } = caches;
  const names = (objects: readonly { readonly name: string }[]): readonly string[] =>
    objects.map(({ name }) => name);
  expect(view.daemonSets().map(({ metadata }) => metadata.name)).toEqual(['demo']);
  expect(view.daemonSets('other')).toEqual([]);
  expect(names(view.nodes())).toEqual(['n1']);
  expect(names(view.podsOf('default', DEMO_UID))).toEqual(['ours']);
  expect(names(view.barePods('default'))).toEqual(['bare']);
  expect(names(view.revisionsOf('default', DEMO_UID))).toEqual(['demo-a']);
  expect(names(view.orphanedRevisions('default'))).toEqual(['demo-b']);
  expect(view.workloads('default')).toEqual([
    expect.objectContaining({
      kind: 'Deployment',
      name: 'web',
      selector: { matchLabels: labels },
      podLabels: labels,
    }),
    expect.objectContaining({
      kind: 'ReplicationController',
      name: 'old',
      selector: { matchLabels: labels },
    }),
  ]);
  expect(view.workloads('other')).toEqual([]);
  stop.abort();
  await running;
});
