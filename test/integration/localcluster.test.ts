import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComponentName } from '../../src/localcluster/arguments.ts';
import type { LocalClusterError } from '../../src/localcluster/errors.ts';
import { SIMULATE_ANNOTATION } from '../../src/localcluster/kwok-stages.ts';
import { defaultNodes } from '../../src/localcluster/nodes.ts';
import { isRunning } from '../localcluster/is-running.ts';
import { daemonSet, eventually, isReady, type RawPod, TestCluster } from './harness.ts';

const NAMES: readonly ComponentName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
];

let cluster: TestCluster;
let failures: LocalClusterError[];

beforeAll(async () => {
  failures = [];
  cluster = await TestCluster.start({ onFailure: (error) => failures.push(error) });
  await cluster.local.addNodes(defaultNodes(5));
});

afterAll(() => cluster.stop());

type RawNode = {
  metadata: { name: string; labels: Record<string, string> };
  spec: { unschedulable?: boolean; taints?: { key: string }[] };
  status: { conditions: { type: string; status: string }[]; allocatable: Record<string, string> };
};

function pod(name: string, { spec = {}, metadata = {} } = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }], ...spec },
  };
}

const simulate = (value: string): object => ({ annotations: { [SIMULATE_ANNOTATION]: value } });

function getPod(name: string): Promise<RawPod> {
  return cluster.json<RawPod>('get', 'pod', name);
}

async function phaseOf(name: string): Promise<string> {
  return (await getPod(name)).status.phase;
}

/** KWOK handles events in order, so what it has not done to an older pod by then, it does not do. */
async function untilKwokHasCaughtUp(name: string): Promise<void> {
  await cluster.apply(pod(name));
  await eventually(async () => expect(await phaseOf(name)).toBe('Running'));
}

describe('nodes', () => {
  it('are ready, each with its peculiarity', async () => {
    const { items } = await cluster.json<{ items: RawNode[] }>('get', 'nodes');
    expect(
      items.map(({ metadata, spec, status }) => ({
        name: metadata.name,
        ready: status.conditions.find(({ type }) => type === 'Ready')?.status,
        taints: spec.taints?.map(({ key }) => key) ?? [],
        cordoned: spec.unschedulable ?? false,
        disk: metadata.labels.disktype,
        pods: status.allocatable.pods,
      })),
    ).toEqual([
      {
        name: 'node-1',
        ready: 'True',
        taints: ['node-role.kubernetes.io/master'],
        cordoned: false,
        disk: undefined,
        pods: '250',
      },
      {
        name: 'node-2',
        ready: 'True',
        taints: ['node.kubernetes.io/unschedulable'],
        cordoned: true,
        disk: undefined,
        pods: '250',
      },
      { name: 'node-3', ready: 'True', taints: [], cordoned: false, disk: 'ssd', pods: '250' },
      { name: 'node-4', ready: 'True', taints: [], cordoned: false, disk: undefined, pods: '250' },
      { name: 'node-5', ready: 'True', taints: [], cordoned: false, disk: undefined, pods: '250' },
    ]);
  });

  it('of other makers are left alone', async () => {
    await cluster.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'real' } });
    await untilKwokHasCaughtUp('after-real');
    const { status } = await cluster.json<RawNode>('get', 'node', 'real');
    expect(status.conditions?.find(({ type }) => type === 'Ready')?.status).not.toBe('True');
    await cluster.kubectl('delete', 'node', 'real');
  });
});

describe('pods', () => {
  it('are scheduled and run, with an address', async () => {
    await cluster.apply(pod('scheduled', { spec: { nodeSelector: { disktype: 'ssd' } } }));
    const running = await eventually(async () => {
      const found = await getPod('scheduled');
      expect(isReady(found)).toBe(true);
      return found;
    });
    expect(running.spec.nodeName).toBe('node-3');
    expect(running.status).toMatchObject({
      phase: 'Running',
      hostIP: '172.16.0.3',
      podIP: expect.any(String),
    });
  });

  it('run where nodeName puts them, privileged ones and those with init containers too', async () => {
    const containers = [{ name: 'main', image: 'x', securityContext: { privileged: true } }];
    const initContainers = [{ name: 'first', image: 'x' }];
    await cluster.apply(pod('direct', { spec: { nodeName: 'node-2', containers, initContainers } }));
    await eventually(async () => expect(isReady(await getPod('direct'))).toBe(true));
    expect((await getPod('direct')).status).toMatchObject({
      initContainerStatuses: [{ name: 'first', state: { terminated: { exitCode: 0 } } }],
    });
  });

  it('stay failed once they have failed', async () => {
    await untilKwokHasCaughtUp('failing');
    await cluster.kubectl(
      'patch',
      'pod',
      'failing',
      '--subresource=status',
      '-p',
      '{"status":{"phase":"Failed"}}',
    );
    await untilKwokHasCaughtUp('after-failing');
    expect(await phaseOf('failing')).toBe('Failed');
  });

  it('fail, or never get ready, when that is asked for', async () => {
    await cluster.apply(pod('fails', { metadata: simulate('fail') }));
    await cluster.apply(pod('never', { metadata: simulate('never-ready') }));
    await eventually(async () => expect(await phaseOf('fails')).toBe('Failed'));
    await eventually(async () => expect(await phaseOf('never')).toBe('Running'));
    await untilKwokHasCaughtUp('after-never');
    expect(isReady(await getPod('never'))).toBe(false);
  });

  it('go when they are deleted, but not before their finalizers', async () => {
    await cluster.apply(pod('held', { metadata: { finalizers: ['everynode.dev/test'] } }));
    await eventually(async () => expect(await phaseOf('held')).toBe('Running'));
    await cluster.kubectl('delete', 'pod', 'held', '--wait=false');
    await untilKwokHasCaughtUp('after-held');
    expect((await getPod('held')).metadata.deletionTimestamp).toBeDefined();
    await cluster.kubectl(
      'patch',
      'pod',
      'held',
      '--type=json',
      '-p',
      '[{"op":"remove","path":"/metadata/finalizers"}]',
    );
    await eventually(async () =>
      expect(await cluster.kubectlRefused('get', 'pod', 'held')).toContain('NotFound'),
    );
  });
});

describe('components', () => {
  it('answer the admin with their metrics, under certificates of the cluster’s CA', async () => {
    const args = cluster.local.arguments()['kube-controller-manager'];
    const port = args.find((argument) => argument.startsWith('--secure-port='))?.split('=')[1];
    expect(await getText(`https://127.0.0.1:${port}/metrics`)).toContain('workqueue_adds_total');
  });

  it('API server: stopped and started again, it has kept everything', async () => {
    await cluster.kubectl('create', 'configmap', 'kept', '--from-literal=key=value');
    const apiserver = cluster.local.component('kube-apiserver');
    await apiserver.stop();
    expect(apiserver.pid).toBeUndefined();
    expect(await cluster.kubectlRefused('get', 'configmap', 'kept')).toContain('refused');
    await apiserver.start();
    expect(await cluster.json('get', 'configmap', 'kept')).toMatchObject({ data: { key: 'value' } });
    // The other components have found it again.
    await untilKwokHasCaughtUp('after-restart');
  });

  it('controller manager: syncs no DaemonSet until it is started with its own controller', async () => {
    await cluster.apply(daemonSet('agent'));
    const deployment = ['deployment', 'web'] as const;
    await cluster.kubectl('create', ...deployment, '--image=x');
    await eventually(async () =>
      expect(await cluster.json('get', ...deployment)).toMatchObject({ status: { readyReplicas: 1 } }),
    );
    expect((await cluster.daemonSet('agent')).status?.observedGeneration).toBeUndefined();

    const own = cluster.local.arguments({ daemonSetController: true });
    await cluster.local.component('kube-controller-manager').restart(own['kube-controller-manager']);
    await eventually(async () =>
      expect((await cluster.daemonSet('agent')).status).toMatchObject({ numberReady: 4 }),
    );
  });

  it('scheduler: killed behind our back, its failure is told with the end of its log', async () => {
    expect(failures).toEqual([]);
    const scheduler = cluster.local.component('kube-scheduler');
    process.kill(scheduler.pid!, 'SIGKILL');
    await eventually(() => expect(failures).toHaveLength(1));
    expect(failures[0]?.message).toMatch(/^kube-scheduler died\. The end of its log:\n( {4}.*\n?){15,20}$/);
    await scheduler.start();
  });
});

it('stop leaves no process and no folder', async () => {
  const { local } = cluster;
  const pids = NAMES.map((name) => local.component(name).pid ?? 0);
  expect(pids.every((pid) => pid > 0 && isRunning(pid))).toBe(true);
  expect(existsSync(local.dataDir)).toBe(true);
  await Promise.all([local.stop(), local.stop()]);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(existsSync(local.dataDir)).toBe(false);
  expect(failures).toHaveLength(1);
});

function getText(url: string): Promise<string> {
  const { token, dataDir } = cluster.local;
  const ca = readFileSync(join(dataDir, 'ca.crt'));
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    request(url, { ca, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}
