import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DaemonSetStatus } from '../../../src/api/daemonset.ts';
import { DAEMONSETS, PODS } from '../../../src/api/kinds.ts';
import { followRollout } from '../../../src/cli/up/follow-rollout.ts';
import type { RolloutView } from '../../../src/cli/up/rollout-view.ts';
import { node } from '../../builders/node.ts';
import { pod } from '../../builders/pod.ts';
import { recordingLogger } from '../../fakes/logger.ts';
import { FakeClient } from '../../syncloop/fake-client.ts';
import { sendInitial } from '../../syncloop/filled-caches.ts';
import { daemonSetNamed } from '../../syncloop/objects.ts';
import { rawNode, rawPod } from '../../syncloop/raw-objects.ts';

const COMPLETE: DaemonSetStatus = {
  observedGeneration: 1,
  desiredNumberScheduled: 1,
  updatedNumberScheduled: 1,
  numberAvailable: 1,
};
const started = daemonSetNamed('demo', { resourceVersion: '101' }, { status: { desiredNumberScheduled: 1 } });
const complete = daemonSetNamed('demo', { resourceVersion: '102' }, { status: COMPLETE });
const ready = rawPod({ ...pod('p1', { on: 'n1' }), resourceVersion: '103' });

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

type Following = {
  readonly client: FakeClient;
  /** Lets it look once; what it shows then. */
  readonly look: () => readonly RolloutView[];
  /** How it ended, or `goes on`. */
  readonly outcome: () => Promise<RolloutView | undefined | 'goes on'>;
};

/** A rollout that the test brings on. It ends with the test. */
function follow({ end = new AbortController(), forever = false } = {}): Following {
  const client = new FakeClient();
  const shown: RolloutView[] = [];
  const table = { show: (view: RolloutView) => void shown.push(view) };
  const rollout = { client, key: { namespace: 'default', name: 'demo' }, logger: recordingLogger() };
  const ended = followRollout(rollout, table, end.signal, { forever });
  onTestFinished(async () => {
    end.abort();
    await ended;
  });
  const look = (): readonly RolloutView[] => {
    vi.advanceTimersByTime(100);
    return shown.splice(0);
  };
  return { client, look, outcome: () => Promise.race([ended, nextTurn('goes on' as const)]) };
}

const nodes = [rawNode(node('n1'))];

describe('followRollout', () => {
  it('shows how it goes, and ends when it is complete', async () => {
    const { client, look, outcome } = follow();
    await sendInitial(client, { daemonSets: [started], nodes, pods: [] });
    expect(look()).toMatchObject([{ desired: 1, available: 0, nodes: [{ name: 'n1' }] }]);
    expect(await outcome()).toBe('goes on');
    await client.feed(PODS).send('ADDED', ready);
    await client.feed(DAEMONSETS).send('MODIFIED', complete);
    const [last] = look();
    expect(last).toMatchObject({ available: 1, nodes: [{ pod: 'p1', available: true }] });
    expect(await outcome()).toBe(last);
  });

  it('waits for the pods to show when the status is ahead of them', async () => {
    const { client, look, outcome } = follow();
    await sendInitial(client, { daemonSets: [complete], nodes, pods: [] });
    expect(look()).toMatchObject([{ available: 1, nodes: [{ available: false }] }]);
    expect(await outcome()).toBe('goes on');
  });

  it('waits for the status when the pods are ahead of it', async () => {
    const { client, look, outcome } = follow();
    await sendInitial(client, { daemonSets: [started], nodes, pods: [ready] });
    expect(look()).toMatchObject([{ available: 0, nodes: [{ available: true }] }]);
    expect(await outcome()).toBe('goes on');
  });

  it('shows nothing of a DaemonSet that is not there yet, and of others', async () => {
    const { client, look } = follow();
    await sendInitial(client, { daemonSets: [daemonSetNamed('other')] });
    expect(look()).toEqual([]);
    await client.feed(DAEMONSETS).send('ADDED', started);
    expect(look()).toMatchObject([{ daemonSet: 'default/demo' }]);
  });

  it('ends with the signal, and looks no more', async () => {
    const end = new AbortController();
    const { client, look, outcome } = follow({ end });
    await sendInitial(client, { daemonSets: [started] });
    end.abort();
    expect(await outcome()).toBeUndefined();
    expect(look()).toEqual([]);
  });

  it('does not begin after the signal', async () => {
    const end = new AbortController();
    end.abort();
    expect(await follow({ end }).outcome()).toBeUndefined();
  });

  it('goes on after it was complete, when it is to go on forever', async () => {
    const { client, look, outcome } = follow({ forever: true });
    await sendInitial(client, { daemonSets: [complete], nodes, pods: [ready] });
    expect(look()).toMatchObject([{ available: 1 }]);
    expect(await outcome()).toBe('goes on');
    expect(look()).toMatchObject([{ available: 1 }]);
  });
});
