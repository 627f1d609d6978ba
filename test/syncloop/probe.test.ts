import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { DAEMONSETS } from '../../src/api/kinds.ts';
import { AnotherControllerError, anotherController, Probe } from '../../src/syncloop/probe.ts';
import { FakeClient, refusal } from './fake-client.ts';
import { filledCaches } from './filled-caches.ts';
import { daemonSetNamed } from './objects.ts';

const NAMESPACE = 'everynode-system';
const LEASE = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  name: 'everynode-sync',
  uid: 'uid-lease',
};
const gone = refusal(404, 'NotFound');

/** The probe as the API server has it; answered when somebody has synced it. */
function standing(uid: string, { answered = false, resourceVersion = '101' } = {}): DaemonSet {
  const status = answered ? { status: { observedGeneration: 1 } } : {};
  return daemonSetNamed('probe', { namespace: NAMESPACE, uid, resourceVersion }, status);
}

type Probing = {
  readonly client: FakeClient;
  readonly probe: Probe;
  /** Aborted when the test has ended. */
  readonly signal: AbortSignal;
  /** The watch brings the probe, synced by somebody. */
  readonly answer: (uid: string) => Promise<void>;
};

async function probing(daemonSets: readonly DaemonSet[] = [], { timeoutMs = 60_000 } = {}): Promise<Probing> {
  const client = new FakeClient()
    .answer('delete DaemonSet', gone)
    .answer('create DaemonSet', standing('uid-ours'));
  const caches = await filledCaches(client, { daemonSets });
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const probe = new Probe({ client, caches, namespace: NAMESPACE, name: 'probe', owner: LEASE, timeoutMs });
  const answer = (uid: string): Promise<void> =>
    client.feed(DAEMONSETS).send('MODIFIED', standing(uid, { answered: true, resourceVersion: '102' }));
  return { client, probe, signal: end.signal, answer };
}

async function isAnswered(probe: Probe): Promise<boolean> {
  return Promise.race([probe.answered.then(() => true), nextTurn(false)]);
}

describe('placing a probe', () => {
  it('makes one that goes with the Lease, and takes silence until the end of the time for an answer: nobody is there', async () => {
    const { client, probe, signal } = await probing([], { timeoutMs: 1 });
    expect(await probe.place(signal)).toBe(false);
    expect(client.calls.at(-1)).toEqual({
      what: 'create DaemonSet',
      key: NAMESPACE,
      body: expect.objectContaining({ metadata: expect.objectContaining({ ownerReferences: [LEASE] }) }),
    });
  });

  it('hears an answer', async () => {
    const { client, probe, signal, answer } = await probing();
    const placed = probe.place(signal);
    await client.feed(DAEMONSETS).send('ADDED', standing('uid-ours'));
    expect(await isAnswered(probe)).toBe(false);
    await answer('uid-ours');
    expect(await placed).toBe(true);
  });

  it('hears an answer that came before it knew which probe is its own', async () => {
    const { client, probe, signal, answer } = await probing();
    client.answer('create DaemonSet', async () => {
      await answer('uid-ours');
      return standing('uid-ours');
    });
    expect(await probe.place(signal)).toBe(true);
  });

  it('does not take for an answer what was said to another probe', async () => {
    const { client, probe, signal, answer } = await probing([], { timeoutMs: 1 });
    client.answer('create DaemonSet', async () => {
      await answer('uid-before');
      return standing('uid-ours');
    });
    expect(await probe.place(signal)).toBe(false);
    await answer('uid-another');
    expect(await isAnswered(probe)).toBe(false);
  });

  it('ends with the signal', async () => {
    const { probe } = await probing();
    const end = new AbortController();
    const placed = probe.place(end.signal);
    end.abort();
    await expect(placed).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a probe that a predecessor left', () => {
  it('has stood long enough without an answer: nobody is there', async () => {
    const { client, probe, signal } = await probing([standing('uid-before')]);
    expect(await probe.place(signal)).toBe(false);
    expect(client.calls).toEqual([]);
  });

  it('is listened to from then on', async () => {
    const { probe, signal, answer } = await probing([standing('uid-before')]);
    await probe.place(signal);
    expect(await isAnswered(probe)).toBe(false);
    await answer('uid-before');
    expect(await isAnswered(probe)).toBe(true);
  });

  it('is made anew when it was answered, for who answered may be gone by now', async () => {
    const left = standing('uid-before', { answered: true });
    const { client, probe, signal } = await probing([left], { timeoutMs: 1 });
    client.answer('delete DaemonSet', {});
    expect(await probe.place(signal)).toBe(false);
    expect(client.summary).toEqual([`delete DaemonSet ${NAMESPACE}/probe`, `create DaemonSet ${NAMESPACE}`]);
  });

  it.each([
    ['exists already', refusal(409, 'AlreadyExists')],
    ['is still being deleted', refusal(409, 'Conflict')],
  ])('will do when it %s', async (_, answered) => {
    const { client, probe, signal, answer } = await probing();
    client.answer('create DaemonSet', answered).answer('get DaemonSet', standing('uid-theirs'));
    const placed = probe.place(signal);
    await nextTurn();
    await answer('uid-theirs');
    expect(await placed).toBe(true);
    expect(client.summary.at(-1)).toBe(`get DaemonSet ${NAMESPACE}/probe`);
  });
});

describe('a probe that the API server refuses', () => {
  it('is an error', async () => {
    const { client, probe, signal } = await probing();
    const forbidden = refusal(403, 'Forbidden');
    client.answer('create DaemonSet', forbidden);
    await expect(probe.place(signal)).rejects.toBe(forbidden);
  });
});

describe('taking the probe away', () => {
  it('leaves nothing behind', async () => {
    const { client, probe } = await probing();
    client.answer('delete DaemonSet', {});
    await probe.remove();
    expect(client.calls).toEqual([
      {
        what: 'delete DaemonSet',
        key: `${NAMESPACE}/probe`,
        options: { propagationPolicy: 'Background' },
      },
    ]);
  });

  it('is fine when there is none, and an error when it is refused', async () => {
    const { client, probe } = await probing();
    await expect(probe.remove()).resolves.toBeUndefined();
    const forbidden = refusal(403, 'Forbidden');
    client.answer('delete DaemonSet', forbidden);
    await expect(probe.remove()).rejects.toBe(forbidden);
  });
});

describe('the refusal to work beside another controller', () => {
  it('says what to do', () => {
    const error = anotherController('everynode-system/probe');
    expect(error).toBeInstanceOf(AnotherControllerError);
    expect(error.message).toContain('it answered the probe DaemonSet everynode-system/probe');
    expect(error.message).toContain('--controllers=*,-daemonset-controller');
    expect(error.message).toContain('--mode=assist');
  });
});
