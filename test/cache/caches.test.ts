import { expect, it } from 'vitest';
import { DAEMONSETS, PODS } from '../../src/api/kinds.ts';
import { BY_NAMESPACE, BY_NODE, BY_OWNER, ownerIndexValue } from '../../src/cache/caches.ts';
import { DEMO_UID } from '../builders/daemonset.ts';
import { node } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { filledCaches } from '../syncloop/filled-caches.ts';
import { daemonSetNamed } from '../syncloop/objects.ts';
import { rawNode, rawPod, rawRevision } from '../syncloop/raw-objects.ts';

const names = (objects: readonly { readonly name: string }[]): readonly string[] =>
  objects.map(({ name }) => name);

it('§7.2 files pods by the node they run on or are meant for', async () => {
  const bound = pod('bound', { on: 'n1' });
  const meant = pod('meant', { on: 'n1', bound: false });
  const pods = [bound, meant, pod('elsewhere', { on: 'n2' }), pod('nowhere')].map(rawPod);
  const caches = await filledCaches(new FakeClient(), { pods });
  expect(names(caches.pods.store.byIndex(BY_NODE, 'n1'))).toEqual(['bound', 'meant']);
  expect(caches.pods.store.byIndex(BY_NODE, '')).toEqual([]);
  expect(names(caches.pods.store.list())).toEqual(['bound', 'meant', 'elsewhere', 'nowhere']);
});

it('§7.2 files pods and revisions by their controller, and orphans by their namespace', async () => {
  const foreign = { ...pod('foreign', { owner: 'nobody' }), namespace: 'other' };
  const pods = [pod('ours'), pod('orphan', { owner: 'nobody' }), foreign, pod('rs', { owner: 'other' })];
  const revisions = [revision('a'), revision('b', { owner: 'nobody' })];
  const caches = await filledCaches(new FakeClient(), {
    pods: pods.map(rawPod),
    revisions: revisions.map((record) => rawRevision(record)),
  });
  const owned = ownerIndexValue('default', DEMO_UID);
  const orphans = ownerIndexValue('default');
  expect(names(caches.pods.store.byIndex(BY_OWNER, owned))).toEqual(['ours']);
  expect(names(caches.pods.store.byIndex(BY_OWNER, orphans))).toEqual(['orphan']);
  expect(names(caches.revisions.store.byIndex(BY_OWNER, owned))).toEqual(['demo-a']);
  expect(names(caches.revisions.store.byIndex(BY_OWNER, orphans))).toEqual(['demo-b']);
});

it('files DaemonSets by namespace, without their managedFields', async () => {
  const managed = daemonSetNamed('demo');
  const metadata = { ...managed.metadata, managedFields: [{ manager: 'kubectl' }] };
  const daemonSets = [{ ...managed, metadata }, daemonSetNamed('far', { namespace: 'other' })];
  const caches = await filledCaches(new FakeClient(), { daemonSets });
  expect(caches.daemonSets.store.byIndex(BY_NAMESPACE, 'default')).toEqual([managed]);
  expect(caches.daemonSets.store.get('other/far')?.metadata.name).toBe('far');
});

it('keeps nodes by name', async () => {
  const caches = await filledCaches(new FakeClient(), { nodes: [rawNode(node('n1'))] });
  expect(caches.nodes.store.get('/n1')).toMatchObject({ name: 'n1', uid: 'uid-n1' });
});

it('follows what changes', async () => {
  const client = new FakeClient();
  const caches = await filledCaches(client, { pods: [rawPod(pod('p1', { on: 'n1' }))] });
  await client.feed(PODS).send('MODIFIED', rawPod({ ...pod('p1', { on: 'n2' }), resourceVersion: '101' }));
  expect(caches.pods.store.byIndex(BY_NODE, 'n1')).toEqual([]);
  expect(names(caches.pods.store.byIndex(BY_NODE, 'n2'))).toEqual(['p1']);
  expect(caches.pods.lastSyncResourceVersion()).toBe('101');

  const gone = daemonSetNamed('gone', { resourceVersion: '102' });
  await client.feed(DAEMONSETS).send('ADDED', gone);
  await client.feed(DAEMONSETS).send('DELETED', gone);
  expect(caches.daemonSets.store.list()).toEqual([]);
});

it('keeps orphans and pods of DaemonSets, and no pods of other controllers', async () => {
  const pods = [pod('ours'), pod('orphan', { owner: 'nobody' }), pod('rs', { owner: 'other' })].map(rawPod);
  const caches = await filledCaches(new FakeClient(), { pods });
  expect(names(caches.pods.store.list())).toEqual(['ours', 'orphan']);
});
