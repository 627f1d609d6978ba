import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { PodCreation, PodDeletion } from '../../src/core/plan.ts';
import { newDaemonPod } from '../../src/core/placement/daemon-pod.ts';
import { UnreachableError } from '../../src/kube/errors.ts';
import { createPods, deletePods } from '../../src/syncloop/apply-pods.ts';
import { nodeNames } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { applyContext } from './apply-context.ts';
import { type Answer, FakeClient, inTurn, refusal } from './fake-client.ts';
import { daemonSetNamed } from './objects.ts';
import { rawPod } from './raw-objects.ts';

const demo = daemonSetNamed('demo');

const creations = (count: number): readonly PodCreation[] =>
  nodeNames(count).map((node) => ({
    node,
    manifest: newDaemonPod(demo, node, { hash: 'new', templateGeneration: undefined }),
    reason: 'Missing',
  }));

const made = rawPod({ ...pod('demo-x7k2p', { on: 'n001' }), resourceVersion: '7' });
const quota = refusal(403, 'Forbidden');
const answering = (answer: Answer): FakeClient => new FakeClient().answer('create Pod', answer);

/** A server that answers creations in lots, so that a test sees which were sent together. */
function answeringInLots(): { client: FakeClient; answerLot: (answer: object) => Promise<number> } {
  let waiting: ((answer: object) => void)[] = [];
  const client = answering(() => new Promise((resolve) => waiting.push(resolve)));
  const answerLot = async (answer: object): Promise<number> => {
    await nextTurn();
    const lot = waiting;
    waiting = [];
    for (const reply of lot) reply(answer);
    return lot.length;
  };
  return { client, answerLot };
}

describe('§3.2 creations start slowly', () => {
  it('in batches of 1, 2, 4, …, the last one as big as what is left', async () => {
    const { client, answerLot } = answeringInLots();
    const running = createPods(applyContext(client), creations(20));
    const lots: number[] = [];
    for (let batch = 0; batch < 5; batch += 1) lots.push(await answerLot(made));
    expect(lots).toEqual([1, 2, 4, 8, 5]);
    expect(await running).toEqual([]);
  });

  it('each node gets its own pod, once', async () => {
    const client = answering(made);
    const wanted = creations(20);
    await createPods(applyContext(client), wanted);
    expect(client.calls.map(({ body }) => body)).toEqual(wanted.map(({ manifest }) => manifest));
    expect(new Set(client.calls.map(({ key }) => key))).toEqual(new Set(['default']));
  });

  it.each([
    ['the first pod', [quota], 1],
    ['one of the second batch', [made, quota, made], 3],
    ['one of the third batch', [made, made, made, quota, made], 7],
  ])('and stop after the batch in which %s was refused', async (_, answers, calls) => {
    const client = answering(inTurn(...answers));
    expect(await createPods(applyContext(client), creations(20))).toEqual([quota]);
    expect(client.calls).toHaveLength(calls);
  });

  it('return each refusal of the batch, and nothing for what was left out', async () => {
    const client = answering(inTurn(made, quota));
    expect(await createPods(applyContext(client), creations(20))).toEqual([quota, quota]);
  });

  it('do not begin where nothing is to be created', async () => {
    const client = answering(made);
    expect(await createPods(applyContext(client), [])).toEqual([]);
    expect(client.calls).toEqual([]);
  });
});

describe('a creation', () => {
  it('is remembered, and told in an Event', async () => {
    const context = applyContext(answering(made));
    await createPods(context, creations(1));
    expect(context.memory.told).toEqual(['wrote pod at 7']);
    expect(context.events).toEqual(['Normal SuccessfulCreate Created pod: demo-x7k2p']);
  });

  it('that is refused is told in an Event, and not remembered', async () => {
    const context = applyContext(answering(quota));
    await createPods(context, creations(1));
    expect(context.memory.told).toEqual([]);
    expect(context.events).toEqual(['Warning FailedCreate Error creating: the server said Forbidden']);
  });

  it.each([
    ['got no answer', new UnreachableError('no answer within 30 s')],
    ['met a server in trouble', refusal(500, 'InternalError')],
    ['ran into a gateway', refusal(504, 'Timeout')],
  ])('that %s may have made a pod all the same', async (_, answer) => {
    const context = applyContext(answering(answer));
    expect(await createPods(context, creations(1))).toEqual([answer]);
    expect(context.memory.told).toEqual(['lost an answer']);
  });

  it.each([
    ['was refused', quota],
    ['came too fast', refusal(429, 'TooManyRequests')],
    ['was invalid', refusal(422, 'Invalid')],
  ])('that %s made no pod', async (_, answer) => {
    const context = applyContext(answering(answer));
    expect(await createPods(context, creations(1))).toEqual([answer]);
    expect(context.memory.told).toEqual([]);
  });
});

describe('§9.1.5 in a namespace that is being deleted', () => {
  const terminating = refusal(403, 'Forbidden', [{ reason: 'NamespaceTerminating', message: 'on its way' }]);

  it('creations stop without a word', async () => {
    const client = answering(terminating);
    const context = applyContext(client);
    expect(await createPods(context, creations(20))).toEqual([]);
    expect(client.calls).toHaveLength(1);
    expect(context.events).toEqual([]);
    expect(context.memory.told).toEqual([]);
  });

  it('a real refusal in the same batch still counts', async () => {
    const client = answering(inTurn(made, terminating, quota));
    expect(await createPods(applyContext(client), creations(20))).toEqual([quota]);
    expect(client.calls).toHaveLength(3);
  });
});

describe('the end of the work', () => {
  it('comes between two batches', async () => {
    const end = new AbortController();
    const { client, answerLot } = answeringInLots();
    const running = createPods(applyContext(client, { signal: end.signal }), creations(20));
    await answerLot(made);
    await nextTurn();
    end.abort();
    await answerLot(made);
    await expect(running).rejects.toBe(end.signal.reason);
    expect(client.calls).toHaveLength(3);
  });

  it('comes with a change of the DaemonSet, for what is left of the plan', async () => {
    const client = answering(made);
    const isCurrent = (): boolean => client.calls.length < 3;
    expect(await createPods(applyContext(client, { isCurrent }), creations(50))).toEqual([]);
    expect(client.calls.length).toBeLessThan(5);
  });

  it('is no failure of the pod that was on its way, but its answer is lost', async () => {
    const end = new AbortController();
    const context = applyContext(
      answering(() => {
        end.abort();
        return new UnreachableError('connection closed');
      }),
      { signal: end.signal },
    );
    await expect(createPods(context, creations(1))).rejects.toThrow('aborted');
    expect(context.events).toEqual([]);
    expect(context.memory.told).toEqual(['lost an answer']);
  });
});

describe('§3.2 deletions', () => {
  const p1 = pod('p1', { on: 'n1' });
  const deletions: readonly PodDeletion[] = [p1, pod('p2', { on: 'n2' }), pod('p3', { on: 'n3' })].map(
    (found) => ({ pod: found, reason: 'Outdated' }),
  );
  const one = deletions.slice(0, 1);

  it('name the uid, so that no other pod of that name is hit', async () => {
    const client = new FakeClient().answer('delete Pod', {});
    await deletePods(applyContext(client), one);
    expect(client.calls).toEqual([
      {
        what: 'delete Pod',
        key: 'default/p1',
        options: { uid: 'uid-p1', flow: { key: demo.metadata.uid, signal: expect.any(AbortSignal) } },
      },
    ]);
  });

  it('end with the signal, and with a change of the DaemonSet, and tell nothing of that', async () => {
    const end = new AbortController();
    const client = new FakeClient().answer('delete Pod', () => {
      end.abort();
      return new UnreachableError('connection closed');
    });
    const context = applyContext(client, { signal: end.signal });
    await deletePods(context, one);
    await deletePods(context, one);
    expect(client.calls).toHaveLength(1);
    expect(context.events).toEqual([]);
    const changed = new FakeClient();
    await deletePods(applyContext(changed, { isCurrent: () => false }), one);
    expect(changed.calls).toEqual([]);
  });

  it('are remembered, and told in Events', async () => {
    const context = applyContext(new FakeClient().answer('delete Pod', {}));
    expect(await deletePods(context, one)).toEqual([]);
    expect(context.memory.told).toEqual(['deleted pod p1']);
    expect(context.events).toEqual(['Normal SuccessfulDelete Deleted pod: p1']);
  });

  it.each([
    ['gone already', refusal(404, 'NotFound')],
    ['replaced by another of its name', refusal(409, 'Conflict')],
  ])('are fine when the pod is %s, and nobody is told', async (_, answer) => {
    const context = applyContext(new FakeClient().answer('delete Pod', answer));
    expect(await deletePods(context, one)).toEqual([]);
    expect(context.memory.told).toEqual([]);
    expect(context.events).toEqual([]);
  });

  it('go on although one is refused', async () => {
    const client = new FakeClient().answer('delete Pod', {}).answer('delete Pod default/p1', quota);
    const context = applyContext(client);
    expect(await deletePods(context, deletions)).toEqual([quota]);
    expect(context.memory.told).toEqual(['deleted pod p2', 'deleted pod p3']);
    expect(context.events).toContain('Warning FailedDelete Error deleting: the server said Forbidden');
  });

  it('are all sent at once', async () => {
    const sent: string[] = [];
    const all = Promise.withResolvers<object>();
    const client = new FakeClient().answer('delete Pod', ({ key }) => {
      sent.push(key);
      if (sent.length === deletions.length) all.resolve({});
      return all.promise;
    });
    await deletePods(applyContext(client), deletions);
    expect(sent).toEqual(['default/p1', 'default/p2', 'default/p3']);
  });
});
