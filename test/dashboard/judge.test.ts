import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DAEMONSETS, NODES } from '../../src/api/kinds.ts';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { PROBE_LABEL } from '../../src/api/keys.ts';
import type { ClusterView } from '../../src/core/admission/cluster-view.ts';
import { Judge } from '../../src/dashboard/judge.ts';
import { countBySeverity } from '../../src/core/severity.ts';
import { NOW } from '../builders/clock.ts';
import { node } from '../builders/node.ts';
import { pass, restoreTime, stopTime } from '../fakes/clock.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { daemonSetOf } from '../syncloop/objects.ts';
import { fill, followedCluster, type Listed, rawBoardNode } from './followed-cluster.ts';

beforeAll(stopTime);
afterAll(restoreTime);
beforeEach(() => void vi.setSystemTime(NOW));

/** Broken now: nothing that it makes would match its selector. */
const broken = (name: string): DaemonSet =>
  daemonSetOf(name, { templateMetadata: { labels: { app: 'another' } } });

type Judging = {
  readonly judge: Judge;
  readonly client: FakeClient;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** How often it has said that there are new findings. */
  readonly judged: () => number;
  /** Makes looking at the cluster fail from now on; or no more. */
  readonly failWith: (error: Error | undefined) => void;
  readonly stop: () => Promise<void>;
};

async function start(listed: Listed, off: readonly string[] = []): Promise<Judging> {
  const client = new FakeClient();
  const cluster = followedCluster(client);
  const logger = recordingLogger();
  let judged = 0;
  let failure: Error | undefined;
  const view: ClusterView = {
    ...cluster.view,
    workloads: (namespace) => {
      if (failure) throw failure;
      return cluster.view.workloads(namespace);
    },
  };
  const judge = new Judge({
    cluster: { ...cluster, view },
    logger,
    off: new Set(off),
    onJudged: () => (judged += 1),
  });
  const ending = new AbortController();
  const running = judge.run(ending.signal);
  const stop = (): Promise<void> => {
    ending.abort();
    return running;
  };
  onTestFinished(stop);
  await fill(client, listed);
  const failWith = (error: Error | undefined): void => void (failure = error);
  return { judge, client, logger, judged: () => judged, failWith, stop };
}

describe('while nobody watches', () => {
  it('nothing is judged, and all of it is pending', async () => {
    const { judge, judged } = await start({ daemonSets: [daemonSetOf('a'), broken('b')] });
    await pass(3_600_000);
    expect(judged()).toBe(0);
    expect(judge.answer()).toEqual({ findings: [], suppressed: [], pending: 2 });
    expect(judge.countsOf('default/b')).toBeUndefined();
    expect(judge.inShort()).toBeUndefined();
  });

  it('what was found stays, and is judged anew by the first who watches again', async () => {
    const { judge, judged, client } = await start({ daemonSets: [daemonSetOf('a'), broken('b')] });
    const stops = [judge.watch(), judge.watch()];
    await pass(10_000);
    expect(judged()).toBe(1);
    for (const stop of stops) stop();
    await client.feed(DAEMONSETS).send('DELETED', broken('b'));
    await pass(3_600_000);
    expect(judged()).toBe(1);
    judge.watch();
    await pass(10_000);
    expect(judged()).toBe(2);
    expect(judge.answer().findings.filter(({ subject }) => subject.name === 'b')).toEqual([]);
  });

  it('all is judged for one who asks once, and once only', async () => {
    const { judge, judged, client } = await start({ daemonSets: [daemonSetOf('a'), broken('b')] });
    const first = judge.settled();
    await pass(5_000);
    const { pending, findings } = await first;
    expect({ pending, worst: findings[0]?.subject.name }).toEqual({ pending: 0, worst: 'b' });
    expect(await judge.settled()).toMatchObject({ pending: 0 });
    expect(judged()).toBe(1);
    await client.feed(DAEMONSETS).send('DELETED', broken('b'));
    await pass(3_600_000);
    expect(judged()).toBe(1);
    const second = judge.settled();
    await pass(10_000);
    expect((await second).findings.map(({ subject }) => subject.name)).not.toContain('b');
    expect(judged()).toBe(2);
  });

  it('who asks once gets what there is, when looking fails', async () => {
    const { judge, failWith } = await start({ daemonSets: [daemonSetOf('a')] });
    failWith(new Error('broken'));
    const asked = judge.settled();
    await pass(30_000);
    expect(await asked).toEqual({ findings: [], suppressed: [], pending: 1 });
  });

  it('is after the last has left, not after the first', async () => {
    const { judge, judged, client } = await start({ daemonSets: [daemonSetOf('a')] });
    const stop = judge.watch();
    judge.watch();
    await pass(10_000);
    stop();
    await client.feed(DAEMONSETS).send('ADDED', broken('b'));
    await pass(10_000);
    expect(judged()).toBe(2);
  });
});

describe('findings', () => {
  it('are those of an audit, worst first, and counted for each DaemonSet that is shown', async () => {
    const probe = broken('probe');
    const labels = { [PROBE_LABEL]: 'x' };
    const daemonSets = [daemonSetOf('a'), broken('b'), { ...probe, metadata: { ...probe.metadata, labels } }];
    const { judge } = await start({ daemonSets });
    judge.watch();
    await pass(1);
    const { findings, suppressed, pending } = judge.answer();
    expect({ suppressed, pending }).toEqual({ suppressed: [], pending: 0 });
    expect(findings[0]).toMatchObject({
      rule: 'selector-matches-template',
      severity: 'error',
      subject: { kind: 'DaemonSet', namespace: 'default', name: 'b' },
    });
    expect(findings.some(({ subject }) => subject.name === 'probe')).toBe(false);
    for (const name of ['a', 'b']) {
      const own = findings.filter(({ subject }) => subject.name === name);
      const count = (severity: string): number => own.filter((each) => each.severity === severity).length;
      const counts = { error: count('error'), warning: count('warning'), info: count('info') };
      expect(judge.countsOf(`default/${name}`)).toEqual(counts);
    }
    expect(judge.countsOf('default/b')?.error).toBeGreaterThan(0);
    for (const key of ['default/probe', 'default/gone', 'a']) expect(judge.countsOf(key)).toBeUndefined();
  });

  it('are none of rules that are switched off', async () => {
    const { judge } = await start({ daemonSets: [broken('b')] }, ['selector-matches-template']);
    judge.watch();
    await pass(10_000);
    const rules = judge.answer().findings.map(({ rule }) => rule);
    expect(rules).not.toContain('selector-matches-template');
    expect(rules).toContain('readiness-probe');
  });

  it('in short are the same while nothing else is found, and others when one is accepted', async () => {
    const { judge, judged, client } = await start({ daemonSets: [broken('b')] });
    judge.watch();
    await pass(1);
    const before = judge.inShort();
    expect(before?.findings).toEqual(countBySeverity(judge.answer().findings));
    await pass(700_000);
    expect(judged()).toBe(2);
    expect(judge.inShort()).toEqual(before);
    const annotations = { 'everynode.dev/ignore.selector-matches-template': 'known; we are on it' };
    const accepted = daemonSetOf('b', { templateMetadata: { labels: { app: 'another' } }, annotations });
    await client.feed(DAEMONSETS).send('MODIFIED', {
      ...accepted,
      metadata: { ...accepted.metadata, resourceVersion: '2' },
    });
    await pass(10_000);
    const after = judge.inShort();
    expect(after?.version).not.toBe(before?.version);
    expect(after?.findings.error).toBe((before?.findings.error ?? 0) - 1);
  });

  it('that are accepted do not count', async () => {
    const annotations = { 'everynode.dev/ignore.selector-matches-template': 'known; we are on it' };
    const daemonSet = daemonSetOf('b', { templateMetadata: { labels: { app: 'another' } }, annotations });
    const { judge } = await start({ daemonSets: [daemonSet] });
    judge.watch();
    await pass(1);
    const { findings, suppressed } = judge.answer();
    expect(suppressed.map(({ rule }) => rule)).toEqual(['selector-matches-template']);
    expect(findings.map(({ rule }) => rule)).not.toContain('selector-matches-template');
    expect(judge.countsOf('default/b')?.error).toBe(0);
  });

  it('are looked for again when something has changed, some time after', async () => {
    const { judge, judged, client } = await start({ daemonSets: [daemonSetOf('a')] });
    judge.watch();
    await pass(10_000);
    await client.feed(DAEMONSETS).send('ADDED', broken('b'));
    await pass(1_999);
    expect(judged()).toBe(1);
    // The page says that something is missing.
    expect(judge.answer().pending).toBe(1);
    await pass(1);
    expect(judged()).toBe(2);
    expect(judge.answer().pending).toBe(0);
    expect(judge.countsOf('default/b')?.error).toBeGreaterThan(0);
  });

  it('are not looked for again after a heartbeat, but every ten minutes', async () => {
    const { judge, judged, client } = await start({
      daemonSets: [daemonSetOf('a')],
      nodes: [rawBoardNode(node('n1'))],
    });
    judge.watch();
    await pass(10_000);
    await client.feed(NODES).send('MODIFIED', rawBoardNode({ ...node('n1'), resourceVersion: '2' }));
    await pass(500_000);
    // That somebody else comes does not put it off.
    judge.watch();
    expect(judged()).toBe(1);
    await pass(110_000);
    expect(judged()).toBe(2);
  });

  it.each(['the first time', 'after a change'])('are looked for again after a failure %s', async (when) => {
    const { judge, judged, client, logger, failWith } = await start({ daemonSets: [broken('b')] });
    if (when === 'after a change') {
      judge.watch();
      await pass(10_000);
      await client.feed(DAEMONSETS).send('ADDED', broken('c'));
    }
    const before = judged();
    failWith(new Error('a bug'));
    judge.watch();
    await pass(2_500);
    expect(judge.answer().pending).toBe(1);
    expect(logger.lines[0]).toMatchObject({ level: 'error', fields: { err: { message: 'a bug' } } });
    failWith(undefined);
    await pass(60_000);
    expect(judged()).toBe(before + 1);
    expect(judge.answer().pending).toBe(0);
  });
});

describe('the first look', () => {
  it('waits ten seconds for kinds that only some rules need, and no longer', async () => {
    const { judge, judged } = await start({ daemonSets: [daemonSetOf('a')] });
    judge.watch();
    await pass(0);
    expect(judged()).toBe(1);
  });

  it('waits for pods, nodes and revisions for as long as it takes', async () => {
    const { judge, judged, client, stop } = await start({ daemonSets: [daemonSetOf('a')], nodes: undefined });
    judge.watch();
    await pass(3_600_000);
    expect(judged()).toBe(0);
    await client.feed(NODES).bookmark('101');
    await pass(10_000);
    expect(judged()).toBe(1);
    await stop();
  });

  it('does not hold up the end', async () => {
    const { stop } = await start({ daemonSets: [daemonSetOf('a')], nodes: undefined });
    await stop();
    const settling = await start({ daemonSets: [daemonSetOf('a')] });
    settling.judge.watch();
    await pass(10_000);
    await settling.client.feed(DAEMONSETS).send('ADDED', daemonSetOf('b'));
    await pass(1_000);
    await settling.stop();
    expect(settling.judged()).toBe(1);
  });
});
