import { describe, expect, it } from 'vitest';
import { CONTROLLER_REVISIONS, PODS } from '../../src/api/kinds.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import type { BackoffEntry } from '../../src/core/placement/failed-pod-backoff.ts';
import { type Caches, createCaches } from '../../src/cache/caches.ts';
import { DaemonSetMemory, EXPECTATIONS_TIMEOUT_MS } from '../../src/syncloop/memory.ts';
import { NOW, secondsAgo } from '../builders/clock.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from './fake-client.ts';
import { filledCaches } from './filled-caches.ts';
import { daemonSetNamed } from './objects.ts';
import { rawPod } from './raw-objects.ts';

/** Caches that have come as far as 100, and the client that brings them further. */
async function cluster(...pods: readonly object[]): Promise<{ client: FakeClient; caches: Caches }> {
  const client = new FakeClient();
  return { client, caches: await filledCaches(client, { pods, resourceVersion: '100' }) };
}

const neverFilled = (): Caches => createCaches(new FakeClient(), recordingLogger());
const at = (resourceVersion: string, name = 'a', number = 1): RevisionRecord => ({
  ...revision(name, { number }),
  resourceVersion,
});

describe('§3.6 expectations: created and patched pods', () => {
  it('expects nothing before anything was written', async () => {
    const { caches } = await cluster();
    expect(new DaemonSetMemory().satisfied(caches, NOW)).toBe(true);
  });

  it.each([
    ['behind', '99', true],
    ['as far as the caches', '100', true],
    ['ahead by one', '101', false],
    ['ahead by a digit', '1000', false],
  ])('a write that is %s', async (_, written, satisfied) => {
    const { caches } = await cluster();
    const memory = new DaemonSetMemory();
    memory.wrotePod(written, NOW);
    expect(memory.satisfied(caches, NOW)).toBe(satisfied);
  });

  it('waits for the newest write, in whichever order the answers came', async () => {
    const { client, caches } = await cluster();
    const memory = new DaemonSetMemory();
    memory.wrotePod('103', NOW);
    memory.wrotePod('102', NOW);
    await client.feed(PODS).bookmark('102');
    expect(memory.satisfied(caches, NOW)).toBe(false);
    await client.feed(PODS).bookmark('103');
    expect(memory.satisfied(caches, NOW)).toBe(true);
  });

  it('waits where the cache was never filled', () => {
    const memory = new DaemonSetMemory();
    memory.wrotePod('1', NOW);
    expect(memory.satisfied(neverFilled(), NOW)).toBe(false);
  });
});

describe('§3.6 expectations: deleted pods', () => {
  const p1 = pod('p1', { on: 'n1' });
  const seen = { ...p1, resourceVersion: '101' };

  it('waits while the cache shows the pod as if nothing had happened', async () => {
    const { client, caches } = await cluster(rawPod(p1));
    const memory = new DaemonSetMemory();
    memory.deletedPod(p1, NOW);
    expect(memory.satisfied(caches, NOW)).toBe(false);
    await client.feed(PODS).send('MODIFIED', rawPod({ ...seen, phase: 'Failed' }));
    expect(memory.satisfied(caches, NOW)).toBe(false);
  });

  it.each([
    ['terminating', 'MODIFIED', { ...seen, terminating: true }],
    ['gone', 'DELETED', seen],
    ['replaced by another of its name', 'MODIFIED', { ...seen, uid: 'uid-another' }],
  ] as const)('waits no longer once the pod is %s', async (_, type, object) => {
    const { client, caches } = await cluster(rawPod(p1));
    const memory = new DaemonSetMemory();
    memory.deletedPod(p1, NOW);
    await client.feed(PODS).send(type, rawPod(object));
    expect(memory.satisfied(caches, NOW)).toBe(true);
  });

  it('waits for every one of them', async () => {
    const p2 = pod('p2', { on: 'n2' });
    const { client, caches } = await cluster(rawPod(p1), rawPod(p2));
    const memory = new DaemonSetMemory();
    memory.deletedPod(p1, NOW);
    memory.deletedPod(p2, NOW);
    await client.feed(PODS).send('DELETED', rawPod(seen));
    expect(memory.satisfied(caches, NOW)).toBe(false);
    await client.feed(PODS).send('DELETED', rawPod({ ...p2, resourceVersion: '102' }));
    expect(memory.satisfied(caches, NOW)).toBe(true);
  });
});

describe('§3.6 expectations run out', () => {
  const p1 = pod('p1', { on: 'n1' });
  const timeout = NOW + EXPECTATIONS_TIMEOUT_MS;

  it('after five minutes', () => {
    expect(EXPECTATIONS_TIMEOUT_MS).toBe(300_000);
  });

  it.each([
    ['a write', (memory: DaemonSetMemory) => memory.wrotePod('101', NOW)],
    ['a deletion', (memory: DaemonSetMemory) => memory.deletedPod(p1, NOW)],
  ])('%s that never shows is given up on, and not a moment too early', async (_, expects) => {
    const { caches } = await cluster(rawPod(p1));
    const memory = new DaemonSetMemory();
    expects(memory);
    expect(memory.satisfied(caches, timeout)).toBe(false);
    expect(memory.satisfied(caches, timeout + 1)).toBe(true);
    expect(memory.satisfied(caches, NOW)).toBe(true);
  });

  it.each([
    ['write', (memory: DaemonSetMemory) => memory.wrotePod('102', NOW + 1)],
    ['deletion', (memory: DaemonSetMemory) => memory.deletedPod(p1, NOW + 1)],
  ])('counted from the last %s', async (_, expectsMore) => {
    const { caches } = await cluster(rawPod(p1));
    const memory = new DaemonSetMemory();
    memory.wrotePod('103', NOW);
    expectsMore(memory);
    expect(memory.satisfied(caches, timeout + 1)).toBe(false);
  });
});

describe('lost answers', () => {
  it('are told of once', () => {
    const memory = new DaemonSetMemory();
    expect(memory.takeUncertainty()).toBe(false);
    memory.lostAnswer();
    expect(memory.takeUncertainty()).toBe(true);
    expect(memory.takeUncertainty()).toBe(false);
  });
});

describe('the newest DaemonSet', () => {
  const version = (resourceVersion: string, uid = 'uid-demo'): ReturnType<typeof daemonSetNamed> =>
    daemonSetNamed('demo', { resourceVersion, uid });

  it.each([
    ['is ours while the cache is behind our write', '101', '100', 'ours'],
    ['is ours across digits', '1000', '999', 'ours'],
    ['is the cached one when it is our write', '101', '101', 'cached'],
    ['is the cached one when somebody wrote after us', '101', '102', 'cached'],
  ])('%s', (_, written, inCache, expected) => {
    const memory = new DaemonSetMemory();
    const [own, cached] = [version(written), version(inCache)];
    memory.wroteDaemonSet(own);
    expect(memory.newest(cached)).toBe(expected === 'ours' ? own : cached);
  });

  it('is the cached one when we wrote nothing', () => {
    const cached = version('100');
    expect(new DaemonSetMemory().newest(cached)).toBe(cached);
  });

  it('is the cached one when it was re-created since', () => {
    const memory = new DaemonSetMemory();
    memory.wroteDaemonSet(version('101'));
    const cached = version('100', 'uid-new');
    expect(memory.newest(cached)).toBe(cached);
  });
});

describe('revisions of our own', () => {
  it('are added to those in the cache until the cache has come as far', async () => {
    const { client, caches } = await cluster();
    const memory = new DaemonSetMemory();
    const [cached, own] = [at('50', 'a'), at('101', 'b')];
    memory.wroteRevision(own);
    expect(memory.withOwnRevisions([cached], caches)).toEqual([cached, own]);
    await client.feed(CONTROLLER_REVISIONS).bookmark('101');
    expect(memory.withOwnRevisions([cached], caches)).toEqual([cached]);
  });

  it('take the place of older ones of their name', async () => {
    const { caches } = await cluster();
    const memory = new DaemonSetMemory();
    const renumbered = at('101', 'a', 7);
    memory.wroteRevision(renumbered);
    expect(memory.withOwnRevisions([at('50', 'a', 1), at('60', 'b')], caches)).toEqual([
      at('60', 'b'),
      renumbered,
    ]);
  });

  it('are forgotten one by one', async () => {
    const { client, caches } = await cluster();
    const memory = new DaemonSetMemory();
    memory.wroteRevision(at('101', 'a'));
    memory.wroteRevision(at('103', 'b'));
    await client.feed(CONTROLLER_REVISIONS).bookmark('102');
    expect(memory.withOwnRevisions([], caches)).toEqual([at('103', 'b')]);
  });
});

describe('§3.5 back-off of failed pods', () => {
  const entry = (secondsPast: number): BackoffEntry => ({ delayMs: 1000, since: secondsAgo(secondsPast) });
  const expired = entry(30 * 60 + 1);

  it('is kept while the same generation is observed', () => {
    const memory = new DaemonSetMemory();
    memory.backoff(1, NOW);
    const remembered = new Map([['n1', entry(0)]]);
    memory.rememberBackoff(remembered);
    expect(memory.backoff(1, NOW)).toEqual(remembered);
  });

  it('starts anew once another generation was observed', () => {
    const memory = new DaemonSetMemory();
    memory.backoff(1, NOW);
    memory.rememberBackoff(new Map([['n1', entry(0)]]));
    expect(memory.backoff(2, NOW)).toEqual(new Map());
    expect(memory.backoff(1, NOW)).toEqual(new Map());
  });

  it('forgets nodes that have been quiet for half an hour, and only those', () => {
    const memory = new DaemonSetMemory();
    memory.rememberBackoff(
      new Map([
        ['n1', expired],
        ['n2', entry(30 * 60)],
      ]),
    );
    expect([...memory.backoff(0, NOW).keys()]).toEqual(['n2']);
  });
});
