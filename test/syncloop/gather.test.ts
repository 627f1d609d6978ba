import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/core/plan.ts';
import { gather } from '../../src/syncloop/gather.ts';
import { DaemonSetMemory } from '../../src/syncloop/memory.ts';
import { NOW } from '../builders/clock.ts';
import { node } from '../builders/node.ts';
import { pod, type PodOverrides } from '../builders/pod.ts';
import { revision, type RevisionOverrides } from '../builders/revision.ts';
import { FakeClient } from './fake-client.ts';
import { type Contents, filledCaches } from './filled-caches.ts';
import { daemonSetNamed } from './objects.ts';
import { rawPod, rawRevision } from './raw-objects.ts';

const demo = daemonSetNamed('demo', { resourceVersion: '100' });
const nodes = [node('n1')];

async function gathered(contents: Contents, memory = new DaemonSetMemory()): Promise<Snapshot> {
  const client = new FakeClient();
  const caches = await filledCaches(client, contents);
  const snapshot = gather(demo, { caches, nodes, memory }, NOW);
  expect(client.calls).toEqual([]);
  return snapshot;
}

const names = (objects: readonly { readonly name: string }[]): readonly string[] =>
  objects.map(({ name }) => name);

describe('gather', () => {
  const somewhereElse = (overrides: PodOverrides): object =>
    rawPod({ ...pod('far', overrides), namespace: 'other' });

  it('takes the pods of the DaemonSet, and the orphans of its namespace', async () => {
    const { pods } = await gathered({
      pods: [
        rawPod(pod('ours', { on: 'n1' })),
        rawPod(pod('orphan', { owner: 'nobody', labels: { app: 'anything' } })),
        rawPod(pod('foreign', { owner: 'other' })),
        somewhereElse({ owner: 'nobody' }),
      ],
    });
    expect(names(pods)).toEqual(['ours', 'orphan']);
  });

  it('takes the revisions in the same way, and our own that the cache does not show yet', async () => {
    const memory = new DaemonSetMemory();
    memory.wroteRevision({ ...revision('new'), resourceVersion: '101' });
    const of = (hash: string, overrides: RevisionOverrides = {}): object =>
      rawRevision(revision(hash, overrides));
    const revisions = [of('ours'), of('orphan', { owner: 'nobody' }), of('foreign', { owner: 'other' })];
    const snapshot = await gathered({ revisions }, memory);
    expect(names(snapshot.revisions)).toEqual(['demo-ours', 'demo-orphan', 'demo-new']);
  });

  it('passes the nodes on as they are', async () => {
    expect((await gathered({})).nodes).toBe(nodes);
  });

  it('goes by our last status write while the cache is behind it', async () => {
    const memory = new DaemonSetMemory();
    const written = daemonSetNamed('demo', { resourceVersion: '101' }, { status: { observedGeneration: 2 } });
    memory.backoff(2, NOW);
    memory.rememberBackoff(new Map([['n1', { delayMs: 1000, since: NOW }]]));
    memory.wroteDaemonSet(written);
    const snapshot = await gathered({}, memory);
    expect(snapshot.daemonSet).toBe(written);
    expect([...snapshot.backoff.keys()]).toEqual(['n1']);
  });

  it('forgets the back-off of a generation that is observed no more', async () => {
    const memory = new DaemonSetMemory();
    memory.backoff(2, NOW);
    memory.rememberBackoff(new Map([['n1', { delayMs: 1000, since: NOW }]]));
    expect((await gathered({}, memory)).backoff.size).toBe(0);
  });

  it.each([
    ['shows all that was written', '100', true],
    ['is behind', '101', false],
  ])('says whether the pod cache %s', async (_, written, expectationsSatisfied) => {
    const memory = new DaemonSetMemory();
    memory.wrotePod(written, NOW);
    expect(await gathered({ resourceVersion: '100' }, memory)).toMatchObject({ expectationsSatisfied });
  });
});
