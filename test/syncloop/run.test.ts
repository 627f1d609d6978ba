import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { AnotherControllerError } from '../../src/syncloop/probe.ts';
import { node } from '../builders/node.ts';
import { type FakeClient, refusal } from './fake-client.ts';
import { daemonSetNamed } from './objects.ts';
import { rawNode } from './raw-objects.ts';
import {
  answerProbe,
  begins,
  FILLED,
  hasTold,
  holders,
  NAMESPACE,
  patience,
  PROBE,
  probe,
  quietServer,
  run,
  withAnotherController,
} from './run-harness.ts';

vi.setConfig({ testTimeout: 30_000 });

const demo = { daemonSets: [daemonSetNamed('demo')], nodes: [rawNode(node('n1'))] };

/** Whether the sync loop has begun to work on `demo`: it has no history yet. */
const syncs = (client: FakeClient): boolean => client.callsOf('create ControllerRevision').length > 0;

/** What was done to the probe. */
const probeCalls = ({ summary }: FakeClient): readonly string[] =>
  summary.filter((call) => call.includes(' DaemonSet ') && call.includes(NAMESPACE));

const MADE = `create DaemonSet ${NAMESPACE}`;
const REMOVED = `delete DaemonSet ${PROBE}`;

describe('while nobody else is at work', () => {
  it.each(['auto', 'own'] as const)('mode %s makes the pods', async (mode) => {
    const running = run({ mode });
    await begins(running.client, demo);
    await hasTold(running, 'own');
    await vi.waitFor(() => expect(syncs(running.client)).toBe(true), patience);
    expect(probeCalls(running.client)).toEqual([REMOVED, MADE]);
  });

  it('mode assist makes none, and asks nobody', async () => {
    const running = run({ mode: 'assist' });
    await begins(running.client, demo);
    await hasTold(running, 'assist');
    await nextTurn();
    expect(syncs(running.client)).toBe(false);
    expect(probeCalls(running.client)).toEqual([]);
  });

  it('mode assist takes away the probe that a predecessor left', async () => {
    const running = run({ mode: 'assist' });
    await begins(running.client, { daemonSets: [probe()] });
    await hasTold(running, 'assist');
    await nextTurn();
    expect(probeCalls(running.client)).toEqual([REMOVED]);
  });

  it('a probe that a predecessor left is taken over', async () => {
    const running = run();
    await begins(running.client, { daemonSets: [probe()] });
    await hasTold(running, 'own');
    await nextTurn();
    expect(probeCalls(running.client)).toEqual([]);
    // To answer it ourselves would be to mistake us for another controller.
    expect(syncs(running.client)).toBe(false);
  });
});

describe('§7.3 beside another controller', () => {
  it('mode auto makes no pods, and takes the probe away', async () => {
    const running = run({ probeTimeoutMs: 60_000 }, withAnotherController());
    await begins(running.client, demo);
    await hasTold(running, 'assist');
    await nextTurn();
    expect(syncs(running.client)).toBe(false);
    expect(probeCalls(running.client)).toEqual([REMOVED, MADE, REMOVED]);
  });

  it('mode own refuses, takes the probe away and gives the Lease back', async () => {
    const running = run({ mode: 'own', probeTimeoutMs: 60_000 }, withAnotherController());
    await begins(running.client, demo);
    const error = await running.ended;
    expect(error).toBeInstanceOf(AnotherControllerError);
    expect(error).toMatchObject({ message: expect.stringContaining(PROBE) });
    expect(running.told).toEqual(FILLED);
    expect(syncs(running.client)).toBe(false);
    expect(probeCalls(running.client)).toEqual([REMOVED, MADE, REMOVED]);
    expect(holders(running.client)).toEqual(['me', '']);
  });
});

describe('when another controller is switched on later', () => {
  it('mode auto goes over to assist', async () => {
    const running = run();
    await begins(running.client, { daemonSets: [probe()] });
    await hasTold(running, 'own');
    await answerProbe(running.client);
    await hasTold(running, 'own', 'assist');
    expect(probeCalls(running.client)).toEqual([REMOVED]);
  });

  it('mode own ends', async () => {
    const running = run({ mode: 'own' });
    await begins(running.client, { daemonSets: [probe()] });
    await hasTold(running, 'own');
    await answerProbe(running.client);
    expect(await running.ended).toBeInstanceOf(AnotherControllerError);
    expect(running.told).toEqual([...FILLED, 'own']);
    expect(holders(running.client)).toEqual(['me', '']);
  });
});

describe('the signal', () => {
  it.each(['auto', 'own'] as const)('in mode %s ends the work, and leaves nothing behind', async (mode) => {
    const running = run({ mode });
    await begins(running.client);
    await hasTold(running, 'own');
    running.end.abort();
    expect(await running.ended).toBe('well');
    expect(running.told).toEqual([...FILLED, 'own']);
    expect(probeCalls(running.client)).toEqual([REMOVED, MADE, REMOVED]);
    expect(holders(running.client)).toEqual(['me', '']);
  });

  it.each([
    ['assist', { mode: 'assist' }, quietServer],
    ['auto beside another controller', { probeTimeoutMs: 60_000 }, withAnotherController],
  ] as const)('ends the idleness of mode %s', async (_, options, server) => {
    const running = run(options, server());
    await begins(running.client);
    await hasTold(running, 'assist');
    running.end.abort();
    expect(await running.ended).toBe('well');
  });

  it('ends the wait for the caches, and then there is no probe', async () => {
    const running = run();
    await vi.waitFor(() => expect(running.told[0]).toBe(FILLED[0]), patience);
    running.end.abort();
    expect(await running.ended).toBe('well');
    expect(running.client.callsOf('create DaemonSet')).toEqual([]);
  });

  it('ends the wait for an answer, and takes the probe away', async () => {
    const running = run({ mode: 'own', probeTimeoutMs: 60_000 });
    await begins(running.client);
    await vi.waitFor(() => expect(probeCalls(running.client)).toContain(MADE), patience);
    running.end.abort();
    expect(await running.ended).toBe('well');
    expect(probeCalls(running.client)).toEqual([REMOVED, MADE, REMOVED]);
    expect(running.told).toEqual(FILLED);
  });

  it('ends the wait for the Lease', async () => {
    const held = {
      metadata: { name: 'everynode-sync', namespace: NAMESPACE, resourceVersion: '1' },
      spec: { holderIdentity: 'somebody else', leaseDurationSeconds: 15 },
    };
    const running = run({}, quietServer().answer('get Lease', held));
    await vi.waitFor(() => expect(running.client.callsOf('get Lease').length).toBeGreaterThan(0), patience);
    running.end.abort();
    expect(await running.ended).toBe('well');
    expect(running.told).toEqual([]);
    expect(holders(running.client)).toEqual([]);
  });
});

describe('what the API server refuses', () => {
  it('a probe that cannot be placed ends the sync loop', async () => {
    const forbidden = refusal(403, 'Forbidden');
    const running = run({}, quietServer().answer('create DaemonSet', forbidden));
    await begins(running.client);
    expect(await running.ended).toBe(forbidden);
    expect(holders(running.client)).toEqual(['me', '']);
  });

  it('a probe that cannot be taken away is told, and no more', async () => {
    const running = run();
    await begins(running.client);
    await hasTold(running, 'own');
    running.client.answer('delete DaemonSet', refusal(500, 'InternalError'));
    running.end.abort();
    expect(await running.ended).toBe('well');
    expect(running.logger.lines).toContainEqual({
      level: 'warn',
      fields: { err: refusal(500, 'InternalError') },
      message: `could not remove the probe DaemonSet ${PROBE}`,
    });
  });

  it('a namespace that cannot be made ends it before it competes for the Lease', async () => {
    const client = quietServer()
      .answer('get Namespace', refusal(404, 'NotFound'))
      .answer('create Namespace', refusal(403, 'Forbidden'));
    expect(await run({}, client).ended).toMatchObject({ status: 403 });
    expect(client.callsOf('get Lease')).toEqual([]);
  });
});
