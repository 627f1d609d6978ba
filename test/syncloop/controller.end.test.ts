import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DAEMONSETS, NODES } from '../../src/api/kinds.ts';
import { node, nodeNames } from '../builders/node.ts';
import { type Controlled, controlling, created, historyOf, KEY } from './controller-harness.ts';
import { FakeClient, refusal } from './fake-client.ts';
import type { Contents } from './filled-caches.ts';
import { daemonSetNamed } from './objects.ts';
import { rawNode } from './raw-objects.ts';

vi.setConfig({ testTimeout: 20_000 });

const demo = daemonSetNamed('demo');
const other = daemonSetNamed('other', { namespace: 'far' });
const rawNodes = (count: number): readonly object[] => nodeNames(count).map((name) => rawNode(node(name)));

type Held = Controlled & {
  /** Answers the creation that waits longest. */
  readonly answer: (answer: object) => void;
  readonly waiting: () => number;
};

/** A controller whose creations get no answer before the test gives it. */
async function holding(contents: Contents, concurrentSyncs = 1): Promise<Held> {
  const open: ((answer: object) => void)[] = [];
  let over = false;
  const hold = (): Promise<object> | object =>
    over ? refusal(403, 'Forbidden') : new Promise((resolve) => open.push(resolve));
  const client = new FakeClient().answer('create Pod default', hold).answer('create Pod far', hold);
  const controlled = await controlling(contents, { concurrentSyncs }, client);
  onTestFinished(() => {
    over = true;
    for (const answer of open) answer(refusal(403, 'Forbidden'));
  });
  await vi.waitFor(() => expect(open.length).toBeGreaterThan(0));
  return { ...controlled, answer: (answer) => open.shift()?.(answer), waiting: () => open.length };
}

describe('§7.1 syncs at the same time', () => {
  it('are as many as were asked for', async () => {
    const contents = { daemonSets: [demo, other, daemonSetNamed('third')], nodes: rawNodes(1) };
    const { client, waiting } = await holding(contents, 2);
    await nextTurn();
    expect(waiting()).toBe(2);
    expect(client.summary).toEqual(['create Pod default', 'create Pod far']);
  });

  it('are never of the same DaemonSet; what comes up meanwhile is done afterwards', async () => {
    const { client, answer, waiting, synced } = await holding({ daemonSets: [demo], nodes: rawNodes(1) }, 2);
    await client.feed(NODES).send('ADDED', rawNode({ ...node('n2'), resourceVersion: '101' }));
    await nextTurn();
    expect(waiting()).toBe(1);
    answer(created('101', { on: 'n001' }));
    await synced(2);
    // Only the status: the cache does not show the first pod yet.
    expect(client.summary.slice(1)).toEqual([
      `patch DaemonSet/status ${KEY}`,
      `patch DaemonSet/status ${KEY}`,
    ]);
  });
});

describe('a plan that has been overtaken', () => {
  it.each([
    ['is gone', 'DELETED', demo],
    [
      'asks for something else',
      'MODIFIED',
      daemonSetNamed('demo', { resourceVersion: '101' }, { generation: 2 }),
    ],
    [
      'is being deleted',
      'MODIFIED',
      daemonSetNamed('demo', { resourceVersion: '101' }, { deletionTimestamp: '2026-01-15T12:00:00Z' }),
    ],
    ['was re-created', 'MODIFIED', daemonSetNamed('demo', { uid: 'uid-again', resourceVersion: '101' })],
  ] as const)('makes no more pods once the DaemonSet %s', async (_, type, after) => {
    const { client, answer, end, ended } = await holding({ daemonSets: [demo], nodes: rawNodes(9) });
    client.answer('create ControllerRevision', refusal(403, 'Forbidden'));
    await client.feed(DAEMONSETS).send(type, after);
    answer(created('102', { on: 'n001' }));
    await nextTurn();
    const plans = client.callsOf('create Pod').map(({ body }) => uidIn(body));
    end.abort();
    await ended;
    expect(plans.filter((uid) => uid === 'uid-demo')).toHaveLength(1);
  });

  it('is not what a new status makes of it', async () => {
    const { client, answer, waiting } = await holding({ daemonSets: [demo], nodes: rawNodes(3) });
    const status = { observedGeneration: 1 };
    await client
      .feed(DAEMONSETS)
      .send('MODIFIED', daemonSetNamed('demo', { resourceVersion: '101' }, { status }));
    answer(created('102', { on: 'n001' }));
    await nextTurn();
    expect(waiting()).toBe(2);
  });
});

/** Which DaemonSet a pod was made for. */
function uidIn(body: unknown): string | undefined {
  const { metadata } = body as { metadata: { ownerReferences: readonly { uid: string }[] } };
  return metadata.ownerReferences[0]?.uid;
}

describe('the end', () => {
  it('waits for the sync in hand, and begins no other', async () => {
    // The other one would have its history to write first.
    const revisions = [historyOf(demo)];
    const { client, answer, end, ended } = await holding({
      daemonSets: [demo, other],
      nodes: rawNodes(1),
      revisions,
    });
    let hasEnded = false;
    void ended.then(() => (hasEnded = true));
    end.abort();
    await nextTurn();
    expect(hasEnded).toBe(false);
    answer(created('101', { on: 'n001' }));
    await ended;
    expect(client.summary).toEqual(['create Pod default']);
  });

  it('is no failure to be told of or to be tried again', async () => {
    const { answer, end, ended, logger, queue } = await holding({ daemonSets: [demo], nodes: rawNodes(1) });
    end.abort();
    answer(refusal(403, 'Forbidden'));
    await ended;
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(queue.numRequeues(KEY)).toBe(0);
  });

  it('may come before the beginning', async () => {
    const end = new AbortController();
    end.abort();
    const contents = { daemonSets: [demo], nodes: rawNodes(1) };
    const { client, ended } = await controlling(contents, {}, new FakeClient(), end);
    await ended;
    expect(client.calls).toEqual([]);
  });
});
