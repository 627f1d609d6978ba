import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS } from '../../src/api/kinds.ts';
import { PROBE_LABEL } from '../../src/api/keys.ts';
import type { PodRecord } from '../../src/api/pod.ts';
import type { Judged } from '../../src/core/audit/judged.ts';
import { changeBetween } from '../../src/core/coverage/board.ts';
import { revisionData } from '../../src/core/history/revision-data.ts';
import { NOW, secondsAgo } from '../builders/clock.ts';
import { rollingUpdate, surging } from '../builders/daemonset.ts';
import { node } from '../builders/node.ts';
import { pod, type PodOverrides } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { pass, restoreTime, settle, stopTime } from '../fakes/clock.ts';
import { daemonSetNamed, daemonSetOf, ownedBy } from '../syncloop/objects.ts';
import { rawRevision } from '../syncloop/raw-objects.ts';
import { rawBoardNode, rawBoardPod } from './followed-cluster.ts';
import { keep, Reader, shown } from './keeper-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);
beforeEach(() => void vi.setSystemTime(NOW));

const A = daemonSetOf('a');
const B = daemonSetOf('b');

/** A pod of the DaemonSet, of its current revision. */
function podOf(
  owner: typeof A,
  name: string,
  overrides: PodOverrides & { readonly version?: string },
): PodRecord {
  const { version = '1', ...rest } = overrides;
  const record = pod(name, { labels: { app: owner.metadata.name }, ...rest });
  return { ...record, ...ownedBy(owner), resourceVersion: version };
}

/** The revision `new` of the DaemonSet. */
function revisionOf(owner: typeof A): object {
  const { name } = owner.metadata;
  const record = { ...revision('new', { labels: { app: name } }), ...ownedBy(owner), name: `${name}-new` };
  return rawRevision({ ...record, uid: `uid-${name}-new` }, JSON.parse(revisionData(owner.spec.template)));
}

const nodesNamed = (...names: readonly string[]): readonly object[] =>
  names.map((name) => rawBoardNode(node(name)));

const TWO = {
  daemonSets: [B, A],
  nodes: nodesNamed('n2', 'n1'),
  pods: [podOf(A, 'a1', { on: 'n1' }), podOf(B, 'b1', { on: 'n2' })].map(rawBoardPod),
  revisions: [revisionOf(A), revisionOf(B)],
};

describe('a board', () => {
  it('is made for the first who listens, of everything there is', async () => {
    const { keeper } = await keep(TWO);
    const board = await new Reader(keeper).newest();
    expect(shown(board)).toEqual(['default/a am', 'default/b ma']);
    expect(board.nodes).toEqual([{ name: 'n1' }, { name: 'n2' }]);
    expect(board.connection).toEqual({ reachable: true, since: 0 });
    expect(board.daemonSets[0]).not.toHaveProperty('findings');
    expect(board).not.toHaveProperty('judged');
  });

  it('waits until everything has been read', async () => {
    const { keeper, client } = await keep({ ...TWO, pods: undefined });
    const reader = new Reader(keeper);
    await pass(60_000);
    expect(reader.boards).toEqual([]);
    await Promise.all([
      ...TWO.pods.map((each) => client.feed(PODS).send('ADDED', each)),
      client.feed(PODS).bookmark('101'),
    ]);
    expect(shown(await reader.newest())).toEqual(['default/a am', 'default/b ma']);
  });

  it('is not made while nobody listens, whatever happens', async () => {
    const { keeper, client, looked } = await keep(TWO);
    await client.feed(PODS).send('ADDED', rawBoardPod(podOf(A, 'a2', { on: 'n2' })));
    await client.feed(NODES).send('ADDED', rawBoardNode(node('n3')));
    keeper.refresh();
    await pass(3_600_000);
    expect(looked).toEqual([]);
    const reader = new Reader(keeper);
    expect(shown(await reader.newest())).toEqual(['default/a aam', 'default/b mam']);
    reader.leave();
    await pass(10_000);
    looked.length = 0;
    await client.feed(PODS).send('DELETED', rawBoardPod(podOf(A, 'a2', { on: 'n2', version: '2' })));
    await pass(3_600_000);
    expect(looked).toEqual([]);
    expect(reader.boards).toHaveLength(1);
    const again = new Reader(keeper);
    expect(shown(await again.newest())).toEqual(['default/a amm', 'default/b mam']);
    expect(again.boards).toHaveLength(1);
  });

  it('without nodes, or without DaemonSets, is a board', async () => {
    const { keeper, client } = await keep({});
    const reader = new Reader(keeper);
    expect(await reader.newest()).toMatchObject({ nodes: [], daemonSets: [], groupings: [] });
    await client.feed(DAEMONSETS).send('ADDED', A);
    expect(shown(await reader.newest())).toEqual(['default/a ']);
  });

  it('does not show the probe, and who asks for DaemonSets does not get it', async () => {
    const probe = daemonSetOf('probe');
    const labels = { [PROBE_LABEL]: 'x' };
    const daemonSets = [A, { ...probe, metadata: { ...probe.metadata, labels } }];
    const { keeper } = await keep({ ...TWO, daemonSets });
    expect(shown(await new Reader(keeper).newest())).toEqual(['default/a am']);
    expect(keeper.daemonSets().map(({ metadata }) => metadata.name)).toEqual(['a']);
  });

  it('shows the others where one cannot be shown, and says so', async () => {
    const broken = daemonSetOf('b', { strategy: rollingUpdate({ maxUnavailable: 'some' }) });
    const { keeper, client, logger } = await keep({ ...TWO, daemonSets: [broken, A] });
    const reader = new Reader(keeper);
    expect(shown(await reader.newest())).toEqual(['default/a am']);
    expect(logger.lines).toMatchObject([
      { level: 'warn', fields: { daemonSet: 'default/b', err: { name: 'InvalidStrategyError' } } },
    ]);
    const { metadata } = B;
    await client.feed(DAEMONSETS).send('MODIFIED', { ...B, metadata: { ...metadata, resourceVersion: '2' } });
    expect(shown(await reader.newest())).toEqual(['default/a am', 'default/b ma']);
  });
});

describe('a change', () => {
  it('of a pod makes the row of its DaemonSet anew, and nothing else', async () => {
    const { keeper, client, looked } = await keep(TWO);
    const reader = new Reader(keeper);
    const before = await reader.newest();
    looked.length = 0;
    await client.feed(PODS).send('ADDED', rawBoardPod(podOf(A, 'a2', { on: 'n2', ready: false })));
    const after = await reader.newest();
    expect(shown(after)).toEqual(['default/a as', 'default/b ma']);
    expect(looked).toEqual(['uid-a']);
    expect(after.daemonSets[1]).toBe(before.daemonSets[1]);
    for (const part of ['nodes', 'groupings', 'connection'] as const) expect(after[part]).toBe(before[part]);
    expect(reader.boards).toHaveLength(2);
  });

  it('that changes nothing to be seen is not told', async () => {
    const { keeper, client } = await keep(TWO);
    const reader = new Reader(keeper);
    await reader.newest();
    const { metadata } = A;
    await client.feed(DAEMONSETS).send('MODIFIED', { ...A, metadata: { ...metadata, resourceVersion: '2' } });
    await client.feed(NODES).send('MODIFIED', rawBoardNode({ ...node('n1'), resourceVersion: '2' }));
    await client.feed(PODS).send('MODIFIED', rawBoardPod(podOf(A, 'a1', { on: 'n1', version: '2' })));
    await client.feed(NODES).bookmark('200');
    await pass(60_000);
    expect(reader.boards).toHaveLength(1);
  });

  it('of a node’s label tells of no nodes again where they are the same', async () => {
    const { keeper, client } = await keep({ ...TWO, nodes: nodesNamed('n1', 'n2', 'n3') });
    const reader = new Reader(keeper);
    const before = await reader.newest();
    const labelled = node('n1', { labels: { pool: 'x' } });
    await client.feed(NODES).send('MODIFIED', rawBoardNode({ ...labelled, resourceVersion: '2' }));
    const after = await reader.newest();
    expect(after.groupings).toEqual([{ label: 'pool', values: ['', 'x'], of: [1, 0, 0] }]);
    expect(after.nodes).toBe(before.nodes);
    await client
      .feed(NODES)
      .send('MODIFIED', rawBoardNode({ ...labelled, labels: { pool: 'y' }, resourceVersion: '3' }));
    expect((await reader.newest()).groupings[0]?.values).toEqual(['', 'y']);
    await client
      .feed(NODES)
      .send('MODIFIED', rawBoardNode({ ...labelled, labels: { pool: 'y', of: 'n1' }, resourceVersion: '4' }));
    await reader.newest();
    expect(reader.boards).toHaveLength(4);
    await client.feed(NODES).send(
      'MODIFIED',
      rawBoardNode({
        ...labelled,
        labels: { pool: 'y', of: 'n2' },
        taints: [{ key: 'x', effect: 'PreferNoSchedule' }],
        resourceVersion: '5',
      }),
    );
    const last = await reader.newest();
    expect(last.nodes).toBe(before.nodes);
  });

  it('of the nodes lays the cells anew', async () => {
    const { keeper, client } = await keep(TWO);
    const reader = new Reader(keeper);
    await reader.newest();
    await client.feed(NODES).send('ADDED', rawBoardNode(node('n0')));
    expect(shown(await reader.newest())).toEqual(['default/a mam', 'default/b mma']);
    await client.feed(NODES).send('DELETED', rawBoardNode(node('n1')));
    expect(shown(await reader.newest())).toEqual(['default/a mm', 'default/b ma']);
    // As many as before, and not the same.
    await client.feed(NODES).send('DELETED', rawBoardNode(node('n0')));
    await client.feed(NODES).send('ADDED', rawBoardNode(node('n3')));
    const board = await reader.newest();
    expect(shown(board)).toEqual(['default/a mm', 'default/b am']);
    expect(board.nodes).toEqual([{ name: 'n2' }, { name: 'n3' }]);
    expect(keeper.nodes().map(({ name }) => name)).toEqual(['n2', 'n3']);
  });

  it('of a node’s readiness shows on the node, and on what does not run there', async () => {
    const { keeper, client } = await keep({
      ...TWO,
      pods: [podOf(A, 'a1', { on: 'n1', ready: false }), podOf(B, 'b1', { on: 'n1' })].map(rawBoardPod),
    });
    const reader = new Reader(keeper);
    expect(shown(await reader.newest())).toEqual(['default/a sm', 'default/b am']);
    const notReadySince = secondsAgo(60);
    await client
      .feed(NODES)
      .send('MODIFIED', rawBoardNode({ ...node('n1', { notReadySince }), resourceVersion: '2' }));
    const board = await reader.newest();
    expect(board.nodes).toEqual([{ name: 'n1', notReadySince }, { name: 'n2' }]);
    expect(shown(board)).toEqual(['default/a tm', 'default/b am']);
  });

  it('of a DaemonSet shows: a new one, another of that name, none any more', async () => {
    const { keeper, client } = await keep(TWO);
    const reader = new Reader(keeper);
    await reader.newest();
    const feed = client.feed(DAEMONSETS);
    await feed.send('ADDED', daemonSetNamed('c', { namespace: 'a' }));
    expect(shown(await reader.newest())).toEqual(['a/c mm', 'default/a am', 'default/b ma']);
    await feed.send('DELETED', A);
    expect(shown(await reader.newest())).toEqual(['a/c mm', 'default/b ma']);
    const again = daemonSetNamed(
      'a',
      { uid: 'uid-again', resourceVersion: '3' },
      { selector: { matchLabels: { app: 'a' } } },
    );
    await feed.send('ADDED', again);
    expect(shown(await reader.newest())).toEqual(['a/c mm', 'default/a mm', 'default/b ma']);
  });

  it('of the revisions shows: what was current is of the past', async () => {
    const { keeper, client } = await keep(TWO);
    const reader = new Reader(keeper);
    expect(shown(await reader.newest())[0]).toBe('default/a am');
    await client.feed(CONTROLLER_REVISIONS).send('DELETED', revisionOf(A));
    expect(shown(await reader.newest())[0]).toBe('default/a om');
  });

  it('that comes while it rests is told with the next board', async () => {
    const { keeper, client } = await keep(TWO);
    const reader = new Reader(keeper);
    await settle();
    expect(reader.boards).toHaveLength(1);
    await client.feed(PODS).send('ADDED', rawBoardPod(podOf(A, 'a2', { on: 'n2' })));
    await client.feed(PODS).send('DELETED', rawBoardPod(podOf(B, 'b1', { on: 'n2', version: '2' })));
    await settle();
    expect(reader.boards).toHaveLength(1);
    await pass(250);
    expect(reader.boards.map(shown).slice(1)).toEqual([['default/a aa', 'default/b mm']]);
  });
});

describe('time alone', () => {
  it('makes a pod available when it has been ready for long enough', async () => {
    const slow = daemonSetOf('a', { minReadySeconds: 30 });
    const pods = [rawBoardPod(podOf(slow, 'a1', { on: 'n1', readyFor: 0 }))];
    const { keeper } = await keep({ ...TWO, daemonSets: [slow], pods });
    const reader = new Reader(keeper);
    expect(shown(await reader.newest())).toEqual(['default/a sm']);
    await pass(27_000);
    expect(reader.boards).toHaveLength(1);
    await pass(2_000);
    expect(reader.boards.map(shown).slice(1)).toEqual([['default/a am']]);
  });

  it('makes the new pod of a surge available, though the old one stands for the node', async () => {
    const slow = daemonSetOf('a', { minReadySeconds: 30, strategy: surging(1) });
    const pods = [
      podOf(slow, 'old', { on: 'n1', hash: 'old', age: 90 }),
      podOf(slow, 'new', { on: 'n1', age: 60, readyFor: 0 }),
    ];
    const { keeper } = await keep({ ...TWO, daemonSets: [slow], pods: pods.map(rawBoardPod) });
    const reader = new Reader(keeper);
    const available = async (): Promise<readonly number[] | undefined> =>
      (await reader.newest()).daemonSets[0]?.revisions.map((share) => share.available);
    expect(await available()).toEqual([0, 1]);
    await pass(30_000);
    expect(await available()).toEqual([1, 1]);
    expect(shown(await reader.newest())).toEqual(['default/a om']);
  });
});

describe('what is told beside the caches', () => {
  it('is the connection, when it is said to be another one', async () => {
    let connection = { reachable: true, since: 1 };
    const { keeper } = await keep(TWO, { connection: () => connection });
    const reader = new Reader(keeper);
    const before = await reader.newest();
    connection = { ...connection };
    keeper.refresh();
    expect(await reader.newest()).toBe(before);
    connection = { reachable: false, since: 2 };
    keeper.refresh();
    const after = await reader.newest();
    expect(after).toEqual({ ...before, connection });
    expect(after.daemonSets[0]).toBe(before.daemonSets[0]);
  });

  it('are all findings in short, when they are others', async () => {
    let judged: Judged | undefined;
    const { keeper } = await keep(TWO, { judged: () => judged });
    const reader = new Reader(keeper);
    const before = await reader.newest();
    judged = { version: 'a', findings: { error: 1, warning: 0, info: 0 } };
    keeper.refresh();
    const after = await reader.newest();
    expect(after).toEqual({ ...before, judged });
    expect(changeBetween(before, after)).toEqual({ judged });
    judged = { ...judged };
    keeper.refresh();
    expect(await reader.newest()).toBe(after);
    // Other words, and as many.
    judged = { ...judged, version: 'b' };
    keeper.refresh();
    expect(changeBetween(after, await reader.newest())).toEqual({ judged });
  });

  it('are findings, for the rows that they are about', async () => {
    const counts = new Map<string, { error: number; warning: number; info: number }>();
    const { keeper } = await keep(TWO, { findings: (key) => counts.get(key) });
    const reader = new Reader(keeper);
    const before = await reader.newest();
    counts.set('default/b', { error: 1, warning: 0, info: 2 });
    keeper.refresh();
    const after = await reader.newest();
    expect(after.daemonSets[0]).toBe(before.daemonSets[0]);
    expect(after.daemonSets[1]).toEqual({ ...before.daemonSets[1], findings: counts.get('default/b') });
  });
});

describe('who listens', () => {
  it('besides others is told of the board as it is, at once and without a change', async () => {
    const { keeper, looked } = await keep(TWO);
    const first = new Reader(keeper);
    await first.newest();
    looked.length = 0;
    const second = new Reader(keeper);
    await settle();
    expect(second.boards).toEqual(first.boards);
    expect(second.boards[0]).toBe(first.boards[0]);
    expect(looked).toEqual([]);
  });

  it('just after a board was made does not wait for the next', async () => {
    const { keeper } = await keep(TWO);
    const first = new Reader(keeper);
    await settle();
    expect(first.boards).toHaveLength(1);
    const second = new Reader(keeper);
    await settle();
    expect(second.boards).toEqual(first.boards);
  });

  it('is told no more when it has left, while others are', async () => {
    const { keeper, client } = await keep(TWO);
    const [first, second] = [new Reader(keeper), new Reader(keeper)];
    await second.newest();
    first.leave();
    await client.feed(PODS).send('ADDED', rawBoardPod(podOf(A, 'a2', { on: 'n2' })));
    await second.newest();
    expect([first.boards.length, second.boards.length]).toEqual([1, 2]);
  });
});

describe('the end', () => {
  it('comes at once while it rests after a board, while it waits for a change, and while nobody listens', async () => {
    for (const ms of [0, 10_000]) {
      const { keeper, stop } = await keep(TWO);
      const reader = new Reader(keeper);
      await pass(ms);
      expect(reader.boards).toHaveLength(1);
      await stop();
    }
    await (await keep(TWO)).stop();
  });

  it('comes at once while the cluster is being read', async () => {
    const { stop } = await keep({ ...TWO, pods: undefined });
    await stop();
  });
});
