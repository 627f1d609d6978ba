import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DaemonSetStatus } from '../../src/api/daemonset.ts';
import { DEFAULT_POLICY, UPSTREAM_POLICY } from '../../src/core/policy.ts';
import { NOW } from '../builders/clock.ts';
import { node } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { created, controlling, KEY } from './controller-harness.ts';
import { FakeClient, inTurn, refusal } from './fake-client.ts';
import { daemonSetNamed } from './objects.ts';
import { rawNode, rawPod } from './raw-objects.ts';

vi.setConfig({ testTimeout: 20_000 });

const demo = daemonSetNamed('demo');
const nodes = [rawNode(node('n1'))];
const quota = refusal(403, 'Forbidden');

describe('a sync', () => {
  it('carries out what the plan asks for, and logs it', async () => {
    const { client, logger, synced } = await controlling({ daemonSets: [demo], nodes });
    await synced(1);
    expect(client.summary).toEqual(['create Pod default', `patch DaemonSet/status ${KEY}`]);
    expect(logger.lines).toMatchObject([
      {
        level: 'info',
        message: 'synced',
        fields: { daemonSet: KEY, created: 1, status: { observedGeneration: 1, desiredNumberScheduled: 1 } },
      },
    ]);
    expect(logger.lines[0]?.fields).not.toHaveProperty('deleted');
  });

  it('§7.6 records Events on the DaemonSet', async () => {
    const { events, synced } = await controlling({ daemonSets: [demo], nodes });
    await synced(1);
    expect(events).toEqual([
      {
        regarding: {
          apiVersion: 'apps/v1',
          kind: 'DaemonSet',
          namespace: 'default',
          name: 'demo',
          uid: 'uid-demo',
          resourceVersion: '1',
        },
        type: 'Normal',
        reason: 'SuccessfulCreate',
        note: 'Created pod: demo-on-n1',
        action: 'Sync',
      },
    ]);
  });

  it('of a DaemonSet that selects everything says so, and does nothing', async () => {
    const greedy = daemonSetNamed('demo', {}, { selector: {} });
    const { client, events, synced } = await controlling({ daemonSets: [greedy], nodes });
    await synced(1);
    expect(client.calls).toEqual([]);
    expect(events).toMatchObject([{ type: 'Warning', reason: 'SelectingAll' }]);
  });

  it('follows the policy', async () => {
    const conditions = async (policy = DEFAULT_POLICY): Promise<unknown> => {
      const { client, synced } = await controlling({ daemonSets: [demo], nodes }, { policy });
      await synced(1);
      return statusIn(client).conditions?.map(({ type }) => type);
    };
    expect(await conditions()).toEqual(['Available', 'Progressing']);
    expect(await conditions(UPSTREAM_POLICY)).toBeUndefined();
  });
});

/** The status that was written. */
function statusIn(client: FakeClient): DaemonSetStatus {
  const body = client.calls.at(-1)?.body;
  return (body as { readonly status: DaemonSetStatus }).status;
}

describe('a settled cluster', () => {
  it('costs no call at all', async () => {
    const pods = [rawPod(pod('p1', { on: 'n1' }))];
    const first = await controlling({ daemonSets: [demo], nodes, pods });
    await first.synced(1);
    const settled = { ...demo, status: statusIn(first.client) };

    const { client, logger, synced } = await controlling({ daemonSets: [settled], nodes, pods });
    await synced(1);
    expect(client.calls).toEqual([]);
    expect(logger.lines).toEqual([]);
  });
});

describe('what is left alone', () => {
  it('the probe', async () => {
    const { client, synced } = await controlling({ daemonSets: [demo], nodes }, { probeKey: KEY });
    await synced(1);
    expect(client.calls).toEqual([]);
  });

  it('a DaemonSet that is gone by the time its turn comes', async () => {
    const { client, queue, synced } = await controlling({ nodes });
    queue.add(KEY);
    await synced(1);
    expect(client.calls).toEqual([]);
  });

  it('a DaemonSet that is being deleted', async () => {
    const going = daemonSetNamed('demo', {}, { deletionTimestamp: '2026-01-15T12:00:00Z' });
    const { client, synced } = await controlling({ daemonSets: [going], nodes });
    await synced(1);
    expect(client.calls).toEqual([]);
  });
});

describe('a sync that fails', () => {
  it('is tried again, with a count and the reason, until it goes well', async () => {
    const client = new FakeClient();
    const { queue, logger, synced } = await controlling(
      { daemonSets: [demo], nodes },
      {},
      refusing(client, 3),
    );
    await synced(1);
    expect(client.callsOf('create Pod')).toHaveLength(4);
    expect(logger.lines.slice(0, 3)).toEqual(
      [0, 1, 2].map((retries) => ({
        level: 'warn',
        fields: { daemonSet: KEY, retries, err: quota },
        message: 'sync failed, trying again',
      })),
    );
    expect(queue.numRequeues(KEY)).toBe(0);
  });

  it('§7.1 waits longer every time', async () => {
    const { waits, synced } = await controlling(
      { daemonSets: [demo], nodes },
      {},
      refusing(new FakeClient(), 3),
    );
    await synced(1);
    expect(waits()).toEqual([5, 10, 20]);
  });

  it('does not hold up the others', async () => {
    const other = daemonSetNamed('other', { namespace: 'far' });
    const client = new FakeClient();
    const { synced } = await controlling(
      { daemonSets: [demo, other], nodes },
      {},
      client.answer('create Pod default', quota),
    );
    await synced(1);
    expect(client.summary).toContain('create Pod far');
  });

  it('because of an update strategy that makes no sense is told, too', async () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 'many' } };
    const broken = daemonSetNamed('demo', {}, { strategy });
    const pods = [rawPod(pod('p1', { on: 'n1' }))];
    const { logger } = await controlling({ daemonSets: [broken], nodes, pods });
    await vi.waitFor(() => expect(logger.lines).not.toEqual([]));
    const message: unknown = expect.stringContaining('"many" is neither');
    expect(logger.lines[0]).toMatchObject({ level: 'warn', fields: { err: { message } } });
  });
});

/** Refuses so many pods before it lets one be made. */
function refusing(client: FakeClient, times: number): FakeClient {
  return client.answer('create Pod default', inTurn(...Array(times).fill(quota), created('101')));
}

describe('looking again', () => {
  beforeEach(() => void vi.spyOn(Date, 'now').mockReturnValue(NOW));
  afterEach(() => void vi.restoreAllMocks());

  it('§6.4 happens when the next pod will be available', async () => {
    const patient = daemonSetNamed('demo', {}, { minReadySeconds: 30 });
    const pods = [rawPod(pod('p1', { on: 'n1', readyFor: 12, age: 60 }))];
    const { waits, synced } = await controlling({ daemonSets: [patient], nodes, pods });
    await synced(1);
    expect(waits()).toEqual([18_000]);
  });
});
