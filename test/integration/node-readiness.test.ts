import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, type RawPod, TestCluster } from './harness.ts';

const OLD = 'registry.k8s.io/pause:3.9';
const NEW = 'registry.k8s.io/pause:3.10';

/** Runs on nodes in any state, as network plug-ins and log collectors do. */
const TOLERANT = { pod: { tolerations: [{ operator: 'Exists' }] } };

/** The node `machine` has no kubelet: what becomes of it and its pods is up to each test. */
describe('a rollout and nodes that are not ready', () => {
  let cluster: TestCluster;
  let everynode: Everynode | undefined;

  beforeAll(async () => {
    // Nobody renews the Lease of `machine`.
    const patient = ['--node-monitor-grace-period=1h'];
    cluster = await TestCluster.start({ extraArgs: { 'kube-controller-manager': patient } });
  });

  beforeEach(() => addMachine());

  afterEach(async () => {
    await everynode?.stop();
    everynode = undefined;
    await cluster.clear();
  });

  afterAll(() => cluster?.stop());

  async function addMachine(): Promise<void> {
    await cluster.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'machine' } });
    await setReady('True');
    const resources = { cpu: '8', memory: '8Gi', pods: '110' };
    await patchStatus('node', 'machine', { capacity: resources, allocatable: resources });
  }

  function patchStatus(kind: string, name: string, status: object): Promise<string> {
    return cluster.kubectl('patch', kind, name, '--subresource=status', '-p', JSON.stringify({ status }));
  }

  async function setReady(status: 'True' | 'False'): Promise<void> {
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    const times = { lastHeartbeatTime: now, lastTransitionTime: now };
    await patchStatus('node', 'machine', {
      conditions: [{ type: 'Ready', status, reason: 'Test', ...times }],
    });
  }

  async function podsOnMachine(): Promise<RawPod[]> {
    return (await cluster.pods('rolling')).filter(({ spec }) => spec.nodeName === 'machine');
  }

  /** Waits for a pod with the image on `machine`, and reports of it what a kubelet or the node controller would. */
  async function podOnMachine(image: string, status: 'True' | 'False'): Promise<void> {
    await eventually(async () => {
      const pod = (await podsOnMachine()).find(({ spec }) => spec.containers[0]?.image === image);
      expect(pod).toBeDefined();
      const conditions = [{ type: 'Ready', status, lastTransitionTime: new Date().toISOString() }];
      await patchStatus('pod', pod?.metadata.name ?? '', { phase: 'Running', conditions });
    });
  }

  /** The images of the nodes that KWOK runs. */
  async function images(): Promise<Record<string, string | undefined>> {
    const pods = (await cluster.pods('rolling')).filter(({ spec }) => spec.nodeName !== 'machine');
    return Object.fromEntries(pods.map(({ spec }) => [spec.nodeName, spec.containers[0]?.image]));
  }

  /** The DaemonSet has a ready pod on `machine` and on nodes of these names. */
  async function settled(nodes: readonly string[], ...args: string[]): Promise<void> {
    await cluster.local.addNodes(nodes.map((name) => ({ name })));
    everynode = await Everynode.own(cluster, 'sync', ...args);
    await cluster.apply(daemonSet('rolling', TOLERANT));
    await podOnMachine(OLD, 'True');
    await cluster.kubectl('rollout', 'status', 'ds/rolling', '--timeout=60s');
  }

  function setImage(): Promise<string> {
    return cluster.kubectl('set', 'image', 'ds/rolling', `agent=${NEW}`);
  }

  /** Has the DaemonSet synced several times over: a new node gets its pod, and that gets ready. */
  async function syncedFor(node: string): Promise<void> {
    await cluster.local.addNodes([{ name: node }]);
    await eventually(async () => expect(await cluster.nodesWith('rolling')).toContain(node));
  }

  async function machineIsDown(): Promise<void> {
    await setReady('False');
    await podOnMachine(OLD, 'False');
    await eventually(async () =>
      expect((await cluster.daemonSet('rolling')).status).toMatchObject({ numberUnavailable: 1 }),
    );
  }

  test('one that was down before is neither waited for nor counted', async () => {
    await settled(['n1', 'n2']);
    await machineIsDown();
    await setImage();
    await eventually(async () => {
      expect(await images()).toEqual({ n1: NEW, n2: NEW });
      expect(await cluster.nodesWith('rolling')).toEqual(['n1', 'n2']);
    });
    // Without a kubelet the old pod never ends.
    expect((await podsOnMachine()).map(({ metadata }) => metadata.deletionTimestamp)).toEqual([
      expect.any(String),
    ]);
  });

  test('one that was down before stops it with --strict-upstream', async () => {
    await settled(['n1', 'n2'], '--strict-upstream');
    await machineIsDown();
    await setImage();
    await eventually(async () =>
      expect((await podsOnMachine())[0]?.metadata.deletionTimestamp).toEqual(expect.any(String)),
    );
    await syncedFor('n3');
    expect(await images()).toEqual({ n1: OLD, n2: OLD, n3: NEW });
  });

  test('one that goes down with its new pod stops it, until it is back', async () => {
    // `machine` is the first in order of names, and so in the rollout.
    await settled(['n1', 'n2']);
    await setImage();
    await eventually(async () =>
      expect((await podsOnMachine())[0]?.metadata.deletionTimestamp).toEqual(expect.any(String)),
    );
    const [old] = await podsOnMachine();
    await cluster.kubectl('delete', 'pod', old?.metadata.name ?? '', '--force', '--grace-period=0');
    await eventually(async () => expect((await podsOnMachine())[0]?.spec.containers[0]?.image).toBe(NEW));
    // Times are kept in whole seconds: it goes down in a later one than that of the new revision.
    await sleep(1_000);
    await setReady('False');

    await syncedFor('n3');
    expect(await images()).toEqual({ n1: OLD, n2: OLD, n3: NEW });
    await eventually(async () => {
      const { conditions } = (await cluster.daemonSet('rolling')).status ?? {};
      expect(conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({
        status: 'False',
        reason: 'NodesInTrouble',
        message: expect.stringContaining('1 node: NodeNotReady (machine)'),
      });
    });

    await setReady('True');
    await podOnMachine(NEW, 'True');
    await cluster.kubectl('rollout', 'status', 'ds/rolling', '--timeout=60s');
    expect(await images()).toEqual({ n1: NEW, n2: NEW, n3: NEW });
  });
});
