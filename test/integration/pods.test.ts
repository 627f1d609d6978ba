import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, type RawPod, TestCluster } from './harness.ts';

const NODES = ['a', 'b', 'c'];

describe('the sync loop keeps the pods', () => {
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

  async function roll(name: string, parts: Parameters<typeof daemonSet>[1] = {}): Promise<void> {
    await cluster.apply(daemonSet(name, parts));
    await eventually(async () => expect(await cluster.nodesWith(name)).toEqual(NODES));
  }

  test('§3.3 a daemon pod is pinned, tolerates what daemons must, and is the DaemonSet’s', async () => {
    await roll('shape');
    const [pod] = await cluster.pods('shape');
    const owner = await cluster.daemonSet('shape');
    expect(pod?.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        name: 'shape',
        uid: owner.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(pod?.spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
        },
      },
    });
    expect(pod?.spec.tolerations).toEqual(
      [
        ['not-ready', 'NoExecute'],
        ['unreachable', 'NoExecute'],
        ['disk-pressure', 'NoSchedule'],
        ['memory-pressure', 'NoSchedule'],
        ['pid-pressure', 'NoSchedule'],
        ['unschedulable', 'NoSchedule'],
      ].map(([key, effect]) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect })),
    );
    expect(pod?.metadata.labels['controller-revision-hash']).toMatch(/^[456789bcdf]{1,10}$/);
    expect(pod?.metadata.labels['pod-template-generation']).toBe('1');
  });

  test('a deleted pod is replaced', async () => {
    await roll('deleted');
    const [before] = await cluster.pods('deleted');
    await cluster.kubectl('delete', 'pod', before?.metadata.name ?? '');
    await eventually(async () => expect(await cluster.nodesWith('deleted')).toEqual(NODES));
    expect((await cluster.pods('deleted')).map((pod) => pod.metadata.uid)).not.toContain(
      before?.metadata.uid,
    );
  });

  test('§7.6, §7.8 a failed pod is replaced, and an Event says so', async () => {
    await roll('failed');
    const [before] = await cluster.pods('failed');
    const name = before?.metadata.name ?? '';
    await cluster.kubectl(
      'patch',
      'pod',
      name,
      '--subresource=status',
      '-p',
      '{"status":{"phase":"Failed"}}',
    );
    await eventually(async () => {
      const pods = await cluster.pods('failed');
      expect(pods.map((pod) => pod.metadata.name)).not.toContain(name);
      expect(await cluster.nodesWith('failed')).toEqual(NODES);
    });
    await eventually(async () => {
      const described = await cluster.kubectl('describe', 'daemonset', 'failed');
      expect(described).toContain(`Found failed daemon pod default/${name} on node a, will try to kill it`);
      expect(described).toContain(`Deleted pod: ${name}`);
      expect(described).toMatch(/SuccessfulCreate .*Created pod: failed-/);
    });
  });

  test('§4.1 a bare pod with the labels is adopted, and one that loses them is released and replaced', async () => {
    await roll('adopting');
    const [first] = await cluster.pods('adopting');
    const name = first?.metadata.name ?? '';
    await cluster.kubectl('label', 'pod', name, 'app=elsewhere', '--overwrite');
    await eventually(async () => expect(await cluster.nodesWith('adopting')).toEqual(NODES));
    const released = await cluster.json<RawPod>('get', 'pod', name);
    expect(released.metadata.ownerReferences).toBeUndefined();
    const successor = (await cluster.pods('adopting')).find(
      (pod) => pod.spec.nodeName === released.spec.nodeName,
    );

    await cluster.kubectl('label', 'pod', name, 'app=adopting', '--overwrite');
    // Two on one node: the older one stays, and of two of the same second the first by name.
    const [survivor] = [released, successor].map(byAge).toSorted();
    await eventually(async () => {
      const pods = await cluster.pods('adopting');
      expect(pods).toHaveLength(3);
      expect(pods.map(byAge)).toContain(survivor);
    });
  });

  test('§4.4 background deletion collects the pods', async () => {
    await roll('background');
    await cluster.kubectl('delete', 'daemonset', 'background', '--cascade=background');
    await eventually(async () => expect(await cluster.pods('background')).toEqual([]));
  });

  test('§4.4 foreground deletion collects the pods, and none is made meanwhile', async () => {
    await roll('foreground');
    const created = (): number =>
      everynode.logs
        .filter((line) => line.daemonSet === 'default/foreground')
        .reduce((sum, line) => sum + Number(line.created ?? 0), 0);
    // The log may come later than the pods.
    await eventually(() => expect(created()).toBe(NODES.length));
    await cluster.kubectl('delete', 'daemonset', 'foreground', '--cascade=foreground');
    expect(await cluster.pods('foreground')).toEqual([]);
    expect(created()).toBe(NODES.length);
  });

  test('§4.4 orphaned pods and revisions are adopted by a new DaemonSet without a restart', async () => {
    await roll('orphan');
    const before = (await cluster.pods('orphan')).map((pod) => pod.metadata.uid);
    await cluster.kubectl('delete', 'daemonset', 'orphan', '--cascade=orphan');
    await eventually(async () => {
      const pods = await cluster.pods('orphan');
      expect(pods.every((pod) => pod.metadata.ownerReferences === undefined)).toBe(true);
    });
    await cluster.apply(daemonSet('orphan'));
    await eventually(async () => {
      const { status } = await cluster.daemonSet('orphan');
      expect(status).toMatchObject({
        desiredNumberScheduled: 3,
        numberAvailable: 3,
        updatedNumberScheduled: 3,
      });
    });
    expect((await cluster.pods('orphan')).map((pod) => pod.metadata.uid)).toEqual(before);
  });
});

function byAge(pod: RawPod | undefined): string {
  return `${pod?.metadata.creationTimestamp} ${pod?.metadata.name}`;
}
