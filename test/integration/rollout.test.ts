import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const NODES = ['a', 'b', 'c', 'd'];
const NEW_IMAGE = 'registry.k8s.io/pause:3.10';

describe('rollouts', () => {
  let cluster: TestCluster;
  let everynode: Everynode;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes(NODES.map((name) => ({ name })));
    everynode = await Everynode.own(cluster);
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
  });

  async function images(name: string): Promise<string[]> {
    return (await cluster.pods(name)).map((pod) => pod.spec.containers[0]?.image ?? '');
  }

  test('§5.9 an image change rolls with maxUnavailable 1; status, history and undo work as with the built-in', async () => {
    await cluster.apply(daemonSet('rolling'));
    expect(await cluster.kubectl('rollout', 'status', 'ds/rolling', '--timeout=60s')).toContain(
      'daemon set "rolling" successfully rolled out',
    );
    const watched = watchAvailable(cluster, 'rolling');
    await cluster.kubectl('set', 'image', 'ds/rolling', `agent=${NEW_IMAGE}`);
    expect(await cluster.kubectl('rollout', 'status', 'ds/rolling', '--timeout=90s')).toContain(
      'successfully rolled out',
    );
    expect(await images('rolling')).toEqual(NODES.map(() => NEW_IMAGE));
    expect(Math.min(...(await watched.stop()))).toBeGreaterThanOrEqual(3);

    expect((await cluster.kubectl('rollout', 'history', 'ds/rolling')).match(/^\d+/gm)).toEqual(['1', '2']);
    expect(await cluster.kubectl('rollout', 'history', 'ds/rolling', '--revision=1')).toContain('pause:3.9');

    expect(await cluster.kubectl('rollout', 'undo', 'ds/rolling')).toContain('rolled back');
    await cluster.kubectl('rollout', 'status', 'ds/rolling', '--timeout=90s');
    expect(new Set(await images('rolling'))).toEqual(new Set(['registry.k8s.io/pause:3.9']));
    // §9.1.13: the old revision comes back under a new number.
    expect((await cluster.kubectl('rollout', 'history', 'ds/rolling')).match(/^\d+/gm)).toEqual(['2', '3']);
    expect(await cluster.kubectl('rollout', 'undo', 'ds/rolling', '--to-revision=3')).toContain(
      'skipped rollback (current template already matches revision 3)',
    );
  });

  test('§5.9 rollout restart replaces every pod', async () => {
    await cluster.apply(daemonSet('restarted'));
    await cluster.kubectl('rollout', 'status', 'ds/restarted', '--timeout=60s');
    const before = new Set((await cluster.pods('restarted')).map((pod) => pod.metadata.uid));
    await cluster.kubectl('rollout', 'restart', 'ds/restarted');
    await cluster.kubectl('rollout', 'status', 'ds/restarted', '--timeout=90s');
    expect((await cluster.pods('restarted')).filter((pod) => before.has(pod.metadata.uid))).toEqual([]);
  });

  test('§5.7 OnDelete waits for the pods to be deleted by hand', async () => {
    await cluster.apply(daemonSet('ondelete', { spec: { updateStrategy: { type: 'OnDelete' } } }));
    await eventually(async () => expect(await cluster.nodesWith('ondelete')).toEqual(NODES));
    await cluster.kubectl('set', 'image', 'ds/ondelete', `agent=${NEW_IMAGE}`);
    await eventually(async () => {
      const { status, metadata } = await cluster.daemonSet('ondelete');
      expect(status).toMatchObject({ observedGeneration: metadata.generation });
      expect(status?.updatedNumberScheduled ?? 0).toBe(0);
    });
    expect(new Set(await images('ondelete'))).toEqual(new Set(['registry.k8s.io/pause:3.9']));

    const [first] = await cluster.pods('ondelete');
    await cluster.kubectl('delete', 'pod', first?.metadata.name ?? '');
    await eventually(async () => {
      expect(await cluster.nodesWith('ondelete')).toEqual(NODES);
      expect((await images('ondelete')).toSorted()).toEqual(
        [NEW_IMAGE, ...NODES.slice(1).map(() => 'registry.k8s.io/pause:3.9')].toSorted(),
      );
    });
  });

  test('§5.5 a new pod that never gets ready stops the rollout after one node', async () => {
    await cluster.apply(daemonSet('stalled'));
    await cluster.kubectl('rollout', 'status', 'ds/stalled', '--timeout=60s');
    await cluster.apply(
      daemonSet('stalled', {
        annotations: { 'everynode.dev/simulate': 'never-ready' },
        pod: { hostNetwork: true },
      }),
    );
    await eventually(async () => {
      expect((await cluster.daemonSet('stalled')).status).toMatchObject({
        updatedNumberScheduled: 1,
        numberUnavailable: 1,
      });
    });
    expect(await cluster.nodesWith('stalled')).toHaveLength(3);
    await cluster.kubectl('rollout', 'undo', 'ds/stalled');
    await cluster.kubectl('rollout', 'status', 'ds/stalled', '--timeout=60s');
  });

  test('§5.6 maxSurge adds the new pod before the old one goes', async () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    await cluster.apply(daemonSet('surging', { spec: { updateStrategy } }));
    await cluster.kubectl('rollout', 'status', 'ds/surging', '--timeout=60s');
    const watched = watchAvailable(cluster, 'surging');
    await cluster.kubectl('set', 'image', 'ds/surging', `agent=${NEW_IMAGE}`);
    await cluster.kubectl('rollout', 'status', 'ds/surging', '--timeout=90s');
    expect(Math.min(...(await watched.stop()))).toBe(4);
    expect(await images('surging')).toEqual(NODES.map(() => NEW_IMAGE));
  });
});

/** Counts the nodes with a ready pod over and over, until it is stopped. */
function watchAvailable(cluster: TestCluster, name: string): { stop(): Promise<number[]> } {
  const seen: number[] = [];
  let stopped = false;
  const watching = (async () => {
    while (!stopped) seen.push(new Set(await cluster.nodesWith(name)).size);
  })();
  return {
    stop: async () => {
      stopped = true;
      await watching;
      return seen;
    },
  };
}
