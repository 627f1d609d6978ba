import { request, type IncomingMessage } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { DAEMONSETS } from '../../src/api/kinds.ts';
import type { Board } from '../../src/core/coverage/board.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { type Dashboard, startDashboard } from '../../src/dashboard/start-dashboard.ts';
import { WatchedConnection } from '../../src/dashboard/watched-connection.ts';
import type { FindingsAnswer } from '../../src/dashboard/wire.ts';
import { node } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { daemonSetNamed, ownedBy } from '../syncloop/objects.ts';
import { EventReader } from './event-reader.ts';
import { fill, followedCluster, rawBoardNode, rawBoardPod } from './followed-cluster.ts';
import { pageFolder } from './page-folder.ts';
import { ALLOWED, reviewOf } from './reviews.ts';

const AUTHORIZED = { authorization: 'Bearer token' };
const DEMO = daemonSetNamed('demo');

type Started = {
  readonly dashboard: Dashboard;
  readonly client: FakeClient;
  readonly connection: WatchedConnection;
  readonly get: (path: string) => Promise<unknown>;
  readonly watch: () => Promise<EventReader>;
};

async function start(): Promise<Started> {
  const client = new FakeClient()
    .answer('create TokenReview', reviewOf('ada'))
    .answer('create SubjectAccessReview', ALLOWED);
  const connection = new WatchedConnection(1);
  const dashboard = await startDashboard({
    host: '127.0.0.1',
    port: 0,
    client,
    cluster: followedCluster(client),
    connection,
    policy: DEFAULT_POLICY,
    about: { version: '1.2.3', cluster: 'https://there:6443' },
    logger: recordingLogger(),
    pageFolder: await pageFolder(),
  });
  onTestFinished(dashboard.stop);
  const { port } = dashboard;
  return {
    dashboard,
    client,
    connection,
    get: async (path) => (await fetch(`http://127.0.0.1:${port}${path}`, { headers: AUTHORIZED })).json(),
    watch: async () => {
      const target = { host: '127.0.0.1', port, path: '/api/events', headers: AUTHORIZED, agent: false };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request(target, resolve).on('error', reject).end();
      });
      return new EventReader(response);
    },
  };
}

/** Reads on until the board is so. */
async function boardWith(reader: EventReader, isSo: (board: Board) => boolean): Promise<Board> {
  while (await reader.next()) if (reader.board && isSo(reader.board)) return reader.board;
  throw new Error('the stream has ended');
}

it('shows the cluster, its findings and its outages to who is signed in, until it is stopped', async () => {
  const { dashboard, client, connection, get, watch } = await start();
  const reader = await watch();
  await fill(client, {
    daemonSets: [DEMO],
    nodes: [rawBoardNode(node('n2')), rawBoardNode(node('n1'))],
    pods: [rawBoardPod({ ...pod('p1', { on: 'n2' }), ...ownedBy(DEMO) })],
  });
  const judged = await boardWith(reader, ({ daemonSets: [demo] }) => demo?.findings !== undefined);
  expect(judged).toMatchObject({
    nodes: [{ name: 'n1' }, { name: 'n2' }],
    daemonSets: [{ daemonSet: 'default/demo', cells: 'mo' }],
    connection: { reachable: true },
  });
  expect(dashboard.waitsFor()).toBeUndefined();

  const { error = 0, warning = 0, info = 0 } = judged.daemonSets[0]?.findings ?? {};
  const { findings, pending } = (await get('/api/findings')) as FindingsAnswer;
  expect([findings.length, pending]).toEqual([error + warning + info, 0]);
  expect(await get('/api/explain?daemonSet=default/demo&node=n2')).toMatchObject({ pods: [{ name: 'p1' }] });
  expect(await get('/api/session')).toEqual({ user: 'ada', version: '1.2.3', cluster: 'https://there:6443' });

  connection.observer.ended?.('Pod');
  await boardWith(reader, (board) => !board.connection.reachable);
  connection.observer.opened?.('Pod');
  await boardWith(reader, (board) => board.connection.reachable);

  await client.feed(DAEMONSETS).send('ADDED', daemonSetNamed('another'));
  const both = await boardWith(reader, ({ daemonSets }) => daemonSets.length === 2);
  expect(both.daemonSets.map(({ daemonSet }) => daemonSet)).toEqual(['default/another', 'default/demo']);

  await dashboard.stop();
  expect(await reader.next()).toBeUndefined();
  await expect(get('/api/session')).rejects.toThrow('fetch failed');
}, 30_000);

it('lets go of nobody who waits while the cluster is read, and of all when it is stopped', async () => {
  const { dashboard, watch } = await start();
  const readers = [await watch(), await watch()];
  await dashboard.stop();
  for (const reader of readers) expect(await reader.next()).toBeUndefined();
});
