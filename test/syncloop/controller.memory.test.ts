import { describe, expect, it, vi } from 'vitest';
import { DAEMONSETS, PODS } from '../../src/api/kinds.ts';
import { UnreachableError } from '../../src/kube/errors.ts';
import { EXPECTATIONS_TIMEOUT_MS } from '../../src/syncloop/memory.ts';
import { node } from '../builders/node.ts';
import { controlling, type Controlled, created, historyOf, KEY } from './controller-harness.ts';
import { type Answer, FakeClient, inTurn, refusal } from './fake-client.ts';
import { daemonSetNamed } from './objects.ts';
import { rawNode } from './raw-objects.ts';

vi.setConfig({ testTimeout: 20_000 });

const demo = daemonSetNamed('demo');
const nodes = [rawNode(node('n1'))];
const creations = ({ client }: Controlled): number => client.callsOf('create Pod').length;

describe('§7.4 while the cache is behind our own writes', () => {
  it('no pod is made twice, however often the DaemonSet comes up', async () => {
    const controlled = await controlling({ daemonSets: [demo], nodes });
    await controlled.synced(1);
    controlled.queue.add(KEY);
    await controlled.synced(2);
    expect(creations(controlled)).toBe(1);
  });

  it('the DaemonSet comes up again at the latest when its expectations run out', async () => {
    const { queue, synced, waits } = await controlling({ daemonSets: [demo], nodes });
    await synced(1);
    expect(waits()).toEqual([]);
    queue.add(KEY);
    await synced(2);
    expect(waits()).toEqual([EXPECTATIONS_TIMEOUT_MS]);
  });

  it('and once it shows them, work goes on', async () => {
    const controlled = await controlling({ daemonSets: [demo], nodes });
    await controlled.synced(1);
    await controlled.client.feed(PODS).send('ADDED', created('101'));
    await controlled.synced(2);
    expect(creations(controlled)).toBe(1);
    await controlled.client.feed(PODS).send('DELETED', created('102'));
    await vi.waitFor(() => expect(creations(controlled)).toBe(2), { timeout: 10_000 });
  });
});

describe('§4.4 what is remembered of a DaemonSet', () => {
  it('is forgotten with it', async () => {
    const controlled = await controlling({ daemonSets: [demo], nodes });
    await controlled.synced(1);
    const { client } = controlled;
    await client.feed(DAEMONSETS).send('DELETED', demo);
    await client.feed(DAEMONSETS).send('ADDED', daemonSetNamed('demo', { resourceVersion: '102' }));
    await controlled.synced(2);
    expect(creations(controlled)).toBe(2);
  });

  it('is not that of another one of its name', async () => {
    const again = daemonSetNamed('demo', { uid: 'uid-again', resourceVersion: '102' });
    const revisions = [historyOf(demo), historyOf(again)];
    const controlled = await controlling({ daemonSets: [demo], nodes, revisions });
    await controlled.synced(1);
    await controlled.client.feed(DAEMONSETS).send('MODIFIED', again);
    await controlled.synced(2);
    expect(creations(controlled)).toBe(2);
  });
});

describe('a creation whose answer was lost', () => {
  const lost = new UnreachableError('no answer within 30 s');
  const pods = (...items: readonly object[]): object => ({ metadata: { resourceVersion: '150' }, items });

  /** The first creation gets no answer, then the API server lists this. */
  function controllingAfterLoss(listed: Answer): Promise<Controlled> {
    const client = new FakeClient()
      .answer('create Pod default', inTurn(lost, created('160')))
      .answer('list Pod', listed);
    return controlling({ daemonSets: [demo], nodes }, {}, client);
  }

  it('is settled by a look at what the API server has of its pods', async () => {
    const { client, synced } = await controllingAfterLoss(pods());
    await synced(1);
    expect(client.callsOf('list Pod')).toEqual([
      { what: 'list Pod', key: 'default', options: { namespace: 'default', labelSelector: 'app=demo' } },
    ]);
  });

  it('is made up for when there is no pod', async () => {
    const controlled = await controllingAfterLoss(pods());
    await controlled.synced(1);
    expect(creations(controlled)).toBe(2);
    controlled.queue.add(KEY);
    await controlled.synced(2);
    expect(controlled.client.callsOf('list Pod')).toHaveLength(1);
  });

  it('is not repeated when the pod is there, and waits for the cache to show it', async () => {
    const controlled = await controllingAfterLoss(pods(created('120')));
    await controlled.synced(1);
    expect(creations(controlled)).toBe(1);
    expect(controlled.waits().at(-1)).toBe(EXPECTATIONS_TIMEOUT_MS);
    await controlled.client.feed(PODS).send('ADDED', created('120'));
    await controlled.synced(2);
    expect(creations(controlled)).toBe(1);
  });

  it('waits neither for what the cache has seen already, nor for pods of others', async () => {
    const other = daemonSetNamed('other');
    const controlled = await controllingAfterLoss(pods(created('90'), created('140', { of: other })));
    await controlled.synced(1);
    expect(creations(controlled)).toBe(2);
  });

  it('stays unsettled until the API server has said what it has', async () => {
    const trouble = refusal(500, 'InternalError');
    const controlled = await controllingAfterLoss(inTurn(trouble, trouble, pods(created('120'))));
    await controlled.synced(1);
    expect(controlled.client.callsOf('list Pod')).toHaveLength(3);
    expect(creations(controlled)).toBe(1);
    expect(controlled.logger.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { retries: 0, err: lost } },
      { fields: { retries: 1, err: trouble } },
      { fields: { retries: 2, err: trouble } },
    ]);
  });
});
