import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { PodCreation } from '../../src/core/plan.ts';
import { newDaemonPod } from '../../src/core/placement/daemon-pod.ts';
import { UnreachableError } from '../../src/kube/errors.ts';
import { createPods } from '../../src/syncloop/apply-pods.ts';
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
    manifest: newDaemonPod(demo, {}, { node, revision: { hash: 'new', templateGeneration: undefined } }),
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

  it('and go on from there in the next sync', async () => {
    const { client, answerLot } = answeringInLots();
    const context = applyContext(client);
    const first = createPods(context, creations(3));
    await answerLot(made);
    await answerLot(made);
    await first;
    const next = createPods(context, creations(20));
    expect([await answerLot(made), await answerLot(made), await answerLot(made)]).toEqual([4, 8, 8]);
    await next;
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
    expect(context.counted).toEqual(['created demo-x7k2p: Missing']);
  });

  it('waits its turn among those of other DaemonSets', async () => {
    const client = answering(made);
    const context = applyContext(client);
    await createPods(context, creations(1));
    expect(client.calls[0]?.options).toEqual({ flow: { key: 'uid-demo', signal: context.signal } });
  });

  it('that is refused is told in an Event, and not remembered', async () => {
    const context = applyContext(answering(quota));
    await createPods(context, creations(1));
    expect(context.memory.told).toEqual([]);
    expect(context.events).toEqual(['Warning FailedCreate Error creating: the server said Forbidden']);
    expect(context.counted).toEqual([]);
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
