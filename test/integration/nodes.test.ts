import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const ALL = ['a', 'b', 'c', 'd'];

describe('the sync loop follows the nodes', () => {
  let cluster: TestCluster;
  let everynode: Everynode;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes([{ name: 'a' }, { name: 'b' }, { name: 'c', labels: { disktype: 'ssd' } }]);
    everynode = await Everynode.own(cluster);
    await cluster.apply(daemonSet('everywhere'));
    await cluster.apply(daemonSet('ssd', { pod: { nodeSelector: { disktype: 'ssd' } } }));
    await eventually(async () => {
      expect(await cluster.nodesWith('everywhere')).toEqual(['a', 'b', 'c']);
      expect(await cluster.nodesWith('ssd')).toEqual(['c']);
    });
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
  });

  test('a node that is added gets a pod', async () => {
    await cluster.local.addNodes([{ name: 'd' }]);
    await eventually(async () => expect(await cluster.nodesWith('everywhere')).toContain('d'));
  });

  test('§2.2 a node that gains the label gets a pod, and loses it with the label', async () => {
    await cluster.kubectl('label', 'node', 'a', 'disktype=ssd');
    await eventually(async () => expect(await cluster.nodesWith('ssd')).toEqual(['a', 'c']));
    await cluster.kubectl('label', 'node', 'a', 'disktype-');
    await eventually(async () => expect(await cluster.pods('ssd')).toHaveLength(1));
  });

  test('§2.2 a NoSchedule taint keeps the pod and calls it misscheduled', async () => {
    const [before] = await cluster.pods('everywhere');
    await cluster.kubectl('taint', 'node', 'a', 'dedicated=gpu:NoSchedule');
    await eventually(async () => {
      const { status } = await cluster.daemonSet('everywhere');
      expect(status).toMatchObject({ desiredNumberScheduled: 3, numberMisscheduled: 1 });
    });
    const [after] = await cluster.pods('everywhere');
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    await cluster.kubectl('taint', 'node', 'a', 'dedicated-');
    await eventually(async () => {
      const { status } = await cluster.daemonSet('everywhere');
      expect(status).toMatchObject({ desiredNumberScheduled: 4, numberMisscheduled: 0 });
    });
  });

  test('§2.2 a NoExecute taint takes the pod away, and it comes back with the node', async () => {
    await cluster.kubectl('taint', 'node', 'b', 'broken=yes:NoExecute');
    await eventually(async () => expect(await cluster.nodesWith('everywhere')).toEqual(['a', 'c', 'd']));
    await cluster.kubectl('taint', 'node', 'b', 'broken-');
    await eventually(async () => expect(await cluster.nodesWith('everywhere')).toEqual(ALL));
  });

  test('§7.8 a cordoned node keeps its pod, and gets a new one when that is deleted', async () => {
    await cluster.kubectl('cordon', 'b');
    const before = (await cluster.pods('everywhere')).find((pod) => pod.spec.nodeName === 'b');
    await cluster.kubectl('delete', 'pod', before?.metadata.name ?? '');
    await eventually(async () => expect(await cluster.nodesWith('everywhere')).toEqual(ALL));
    await cluster.kubectl('uncordon', 'b');
  });

  test('§5.9, §9.1.22 drain leaves daemon pods alone', async () => {
    const before = (await cluster.pods('everywhere')).map((pod) => pod.metadata.uid);
    const refusal = await cluster.kubectlRefused('drain', 'c');
    expect(refusal).toContain('DaemonSet-managed Pods (use --ignore-daemonsets to ignore)');
    await cluster.kubectl('drain', 'c', '--ignore-daemonsets');
    expect((await cluster.pods('everywhere')).map((pod) => pod.metadata.uid)).toEqual(before);
    await cluster.kubectl('uncordon', 'c');
  });

  test('§2.4 a node that is removed leaves the counts at once', async () => {
    await cluster.kubectl('delete', 'node', 'c');
    await eventually(async () => {
      const { status } = await cluster.daemonSet('everywhere');
      expect(status).toMatchObject({
        desiredNumberScheduled: 3,
        currentNumberScheduled: 3,
        numberAvailable: 3,
      });
    });
  });
});
