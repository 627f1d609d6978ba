import { expect, it } from 'vitest';
import { PODS } from '../../src/api/kinds.ts';
import { WriteLag } from '../../src/syncloop/write-lag.ts';
import { pod } from '../builders/pod.ts';
import { FakeClient } from './fake-client.ts';
import { filledCaches } from './filled-caches.ts';
import { rawPod } from './raw-objects.ts';

const p1 = { ...pod('p1', { on: 'n1' }), resourceVersion: '101' };
const p2 = { ...pod('p2', { on: 'n2' }), resourceVersion: '102' };

/** What was observed so far, in seconds. */
async function measuring(): Promise<{ client: FakeClient; lag: WriteLag; observed: number[] }> {
  const client = new FakeClient();
  const { pods } = await filledCaches(client);
  const observed: number[] = [];
  return { client, lag: new WriteLag(pods, (seconds) => void observed.push(seconds)), observed };
}

it('measures from the answer until the cache shows the pod, once', async () => {
  const { client, lag, observed } = await measuring();
  lag.created(p1);
  lag.created(p2);
  expect(observed).toEqual([]);
  await client.feed(PODS).send('ADDED', rawPod(p2));
  expect(observed).toEqual([expect.any(Number)]);
  expect(observed[0]).toBeGreaterThan(0);
  await client.feed(PODS).send('MODIFIED', rawPod({ ...p2, ready: false, resourceVersion: '103' }));
  expect(observed).toHaveLength(1);
  await client.feed(PODS).send('ADDED', rawPod(p1));
  expect(observed).toHaveLength(2);
});

it('is none when the watch was quicker than the answer', async () => {
  const { client, lag, observed } = await measuring();
  await client.feed(PODS).send('ADDED', rawPod(p1));
  lag.created(p1);
  expect(observed).toEqual([0]);
});

it('is that of pods of our own only', async () => {
  const { client, lag, observed } = await measuring();
  lag.created(p1);
  await client.feed(PODS).send('ADDED', rawPod(p2));
  expect(observed).toEqual([]);
});
