import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const NODES = ['a', 'b', 'c'];
const NEW_IMAGE = 'registry.k8s.io/pause:3.10';

describe('placement, in a cluster without a scheduler', () => {
  let cluster: TestCluster;
  let everynode: Everynode;

  beforeAll(async () => {
    cluster = await TestCluster.start({ without: ['kube-scheduler'] });
    await cluster.local.addNodes(NODES.map((name) => ({ name })));
    everynode = await Everynode.own(cluster);
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
  });

  /** Applies a DaemonSet with this annotation, or with none. */
  async function place(
    name: string,
    placement?: 'direct' | 'scheduler',
    parts: Parameters<typeof daemonSet>[1] = {},
  ): Promise<void> {
    const manifest = daemonSet(name, parts) as { metadata: object };
    const annotations = placement && { 'everynode.dev/placement': placement };
    await cluster.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
  }

  async function allReady(name: string): Promise<void> {
    await eventually(async () => expect(await cluster.nodesWith(name)).toEqual(NODES));
  }

  /** Waits until there is a pod for each node, all of them waiting for a scheduler. */
  async function allWaiting(name: string): Promise<void> {
    await eventually(async () => {
      expect((await cluster.daemonSet(name)).status).toMatchObject({
        desiredNumberScheduled: 3,
        currentNumberScheduled: 3,
        numberReady: 0,
      });
    });
    const pods = await cluster.pods(name);
    expect(pods.map(({ spec, status }) => [spec.nodeName, status.phase])).toEqual(
      NODES.map(() => [undefined, 'Pending']),
    );
  }

  test('direct: the pods run, pinned as all others', async () => {
    await place('direct', 'direct');
    await allReady('direct');
    const pods = await cluster.pods('direct');
    expect(pods.map(({ spec }) => spec.affinity)).toEqual(
      NODES.map((node) => ({
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
          },
        },
      })),
    );
  });

  test('direct: a rollout replaces them, and a deleted one comes back', async () => {
    await cluster.kubectl('set', 'image', 'ds/direct', `agent=${NEW_IMAGE}`);
    await cluster.kubectl('rollout', 'status', 'ds/direct', '--timeout=90s');
    const [first] = await cluster.pods('direct');
    await cluster.kubectl('delete', 'pod', first?.metadata.name ?? '');
    await allReady('direct');
    expect((await cluster.pods('direct')).map(({ spec }) => spec.containers[0]?.image)).toEqual(
      NODES.map(() => NEW_IMAGE),
    );
  });

  test('without the annotation the pods wait for a scheduler', async () => {
    await place('scheduled');
    await allWaiting('scheduled');
  });

  test('direct: a pod with scheduling gates waits all the same, for nobody else can lift them', async () => {
    await place('gated', 'direct', { pod: { schedulingGates: [{ name: 'example.com/wait' }] } });
    await allWaiting('gated');
  });

  test('the annotation takes effect on pods that are made from then on', async () => {
    await cluster.kubectl('annotate', 'daemonset', 'scheduled', 'everynode.dev/placement=direct');
    await cluster.kubectl('delete', 'pods', '-l', 'app=scheduled');
    await allReady('scheduled');
  });

  test('--placement=direct is for DaemonSets that do not choose', async () => {
    await everynode.stop();
    everynode = await Everynode.own(cluster, 'sync', '--placement=direct');
    await place('unchosen');
    await allReady('unchosen');
    await place('chosen', 'scheduler');
    await allWaiting('chosen');
  });
});
