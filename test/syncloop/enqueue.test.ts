import { describe, expect, it } from 'vitest';
import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS } from '../../src/api/kinds.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy.ts';
import { createWorkqueue } from '../../src/kube/workqueue.ts';
import { enqueueOnChanges } from '../../src/syncloop/enqueue.ts';
import { node } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { FakeClient } from './fake-client.ts';
import { filledCaches } from './filled-caches.ts';
import { daemonSetNamed, ownedBy } from './objects.ts';
import { rawNode, rawPod, rawRevision } from './raw-objects.ts';

const demo = daemonSetNamed('demo');
const selector = { matchLabels: { app: 'web' } };
const web = daemonSetNamed('web', {}, { selector });
/** In another namespace, and with a pod where it should have none. */
const far = daemonSetNamed(
  'far',
  { namespace: 'other' },
  { selector, podSpec: { nodeSelector: { zone: 'x' } } },
);
const misplaced = { ...pod('far-1', { on: 'n1' }), namespace: 'other', ...ownedBy(far) };

/** A cluster with three DaemonSets and one node, and what is enqueued from then on. */
async function cluster(policy: Policy = DEFAULT_POLICY): Promise<{
  client: FakeClient;
  enqueued: () => Promise<readonly string[]>;
}> {
  const client = new FakeClient();
  const caches = await filledCaches(client, {
    daemonSets: [demo, web, far],
    nodes: [rawNode(node('n1'))],
    pods: [pod('p1', { on: 'n1' }), misplaced].map(rawPod),
  });
  const queue = createWorkqueue();
  enqueueOnChanges({ caches, queue, policy });
  const enqueued = async (): Promise<readonly string[]> => {
    const keys: string[] = [];
    while (queue.length > 0) keys.push((await queue.get()) ?? 'the queue is shut down');
    return keys;
  };
  return { client, enqueued };
}

const newer = <T extends object>(record: T): T => ({ ...record, resourceVersion: '101' });

describe('enqueueOnChanges', () => {
  it('enqueues a DaemonSet that came or changed, and not one that is gone', async () => {
    const { client, enqueued } = await cluster();
    await client.feed(DAEMONSETS).send('ADDED', daemonSetNamed('new', { namespace: 'other' }));
    await client.feed(DAEMONSETS).send('MODIFIED', daemonSetNamed('demo', { resourceVersion: '101' }));
    await client.feed(DAEMONSETS).send('DELETED', web);
    expect(await enqueued()).toEqual(['other/new', 'default/demo']);
  });

  it('enqueues the controller of a pod', async () => {
    const { client, enqueued } = await cluster();
    await client.feed(PODS).send('MODIFIED', rawPod(newer(pod('p1', { on: 'n1', ready: false }))));
    expect(await enqueued()).toEqual(['default/demo']);
  });

  it('enqueues those of the namespace that may adopt an orphan', async () => {
    const { client, enqueued } = await cluster();
    const orphan = pod('p2', { owner: 'nobody', labels: { app: 'web' } });
    await client.feed(PODS).send('ADDED', rawPod(newer(orphan)));
    expect(await enqueued()).toEqual(['default/web']);
    await client.feed(PODS).send('ADDED', rawPod({ ...newer(orphan), name: 'p3', namespace: 'other' }));
    expect(await enqueued()).toEqual(['other/far']);
  });

  it('enqueues the controller of a revision', async () => {
    const { client, enqueued } = await cluster();
    await client.feed(CONTROLLER_REVISIONS).send('ADDED', rawRevision(newer(revision('a'))));
    expect(await enqueued()).toEqual(['default/demo']);
  });

  it('enqueues whom a node concerns', async () => {
    const { client, enqueued } = await cluster();
    await client.feed(NODES).send('ADDED', rawNode(newer(node('n2'))));
    expect(await enqueued()).toEqual(['default/demo', 'default/web']);
  });

  it.each([
    [
      'whoever has, or should have, a pod there',
      DEFAULT_POLICY,
      ['default/demo', 'default/web', 'other/far'],
    ],
    ['nobody, as upstream does', { ...DEFAULT_POLICY, strictUpstream: true }, []],
  ])('a node that goes concerns %s', async (_, policy, expected) => {
    const { client, enqueued } = await cluster(policy);
    await client.feed(NODES).send('DELETED', rawNode(newer(node('n1'))));
    expect(await enqueued()).toEqual(expected);
  });
});
