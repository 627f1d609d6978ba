import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const NODES = ['a', 'b', 'c'];

describe('the sync loop among failures and rivals', () => {
  let cluster: TestCluster;
  const running: Everynode[] = [];

  beforeAll(async () => {
    cluster = await TestCluster.start();
  });

  beforeEach(() => cluster.local.addNodes(NODES.map((name) => ({ name }))));

  afterEach(async () => {
    for (const everynode of running.splice(0)) await everynode.stop();
    await cluster.clear();
  });

  afterAll(() => cluster?.stop());

  async function own(...args: string[]): Promise<Everynode> {
    const everynode = await Everynode.own(cluster, 'sync', ...args);
    running.push(everynode);
    return everynode;
  }

  async function start(...args: string[]): Promise<Everynode> {
    const everynode = await Everynode.start(cluster, 'sync', ...args);
    running.push(everynode);
    return everynode;
  }

  /** Has the API server write down who asks for what, from now on. Returns the file. */
  async function requestLog(): Promise<string> {
    const policy = join(cluster.local.dataDir, 'audit.yaml');
    const log = join(cluster.local.dataDir, 'audit.log');
    await writeFile(
      policy,
      JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] }),
    );
    const apiserver = cluster.local.component('kube-apiserver');
    await apiserver.stop();
    await apiserver.start([
      ...cluster.local.arguments()['kube-apiserver'],
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${log}`,
    ]);
    return log;
  }

  test('§10.3 a settled cluster sees no write but the Lease, and no read at all', async () => {
    const log = await requestLog();
    await own();
    await cluster.apply(daemonSet('quiet'));
    await cluster.kubectl('rollout', 'status', 'ds/quiet', '--timeout=60s');
    await sleep(2_000);
    const from = (await requestsOf(log)).length;
    await sleep(10_000);
    const requests = (await requestsOf(log)).slice(from);
    expect(requests.filter(({ resource }) => resource === 'leases').length).toBeGreaterThan(0);
    expect(requests.filter(({ resource }) => resource !== 'leases')).toEqual([]);
  });

  test('§9.1.23 the API server goes away and comes back, and no pod is doubled', async () => {
    const everynode = await own();
    await cluster.apply(daemonSet('survivor'));
    await eventually(async () => expect(await cluster.nodesWith('survivor')).toEqual(NODES));
    const before = (await cluster.pods('survivor')).map((pod) => pod.metadata.uid);

    const apiserver = cluster.local.component('kube-apiserver');
    await apiserver.stop('SIGKILL');
    await sleep(1_500);
    await apiserver.start();
    await cluster.local.addNodes([{ name: 'd' }]);
    await eventually(async () => expect(await cluster.nodesWith('survivor')).toEqual([...NODES, 'd']));
    const after = (await cluster.pods('survivor')).map((pod) => pod.metadata.uid);
    expect(after).toHaveLength(4);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(everynode.logs.some(({ msg }) => msg.startsWith('lost the Lease'))).toBe(false);
  });

  test('§7.3, §9.1.23 of two replicas one leads, and the other takes over', async () => {
    const first = await own('--identity=first');
    const second = await start('--mode=own', '--probe-timeout=1', '--identity=second');
    await second.logged(({ leader }) => leader === 'first');
    await cluster.apply(daemonSet('replicated'));
    await eventually(async () => expect(await cluster.nodesWith('replicated')).toEqual(NODES));
    expect(second.logs.some(({ mode }) => mode !== undefined)).toBe(false);

    await first.stop();
    await second.logged(({ mode }) => mode === 'own');
    await cluster.local.addNodes([{ name: 'd' }]);
    await eventually(async () => expect(await cluster.nodesWith('replicated')).toEqual([...NODES, 'd']));
    expect(await cluster.pods('replicated')).toHaveLength(4);
  });

  test('a replica takes over from one that died without a word', async () => {
    const first = await own('--identity=first');
    const second = await start('--mode=own', '--identity=second');
    await second.logged(({ leader }) => leader === 'first');
    await first.stop('SIGKILL');
    await second.logged(({ mode }) => mode === 'own', 60);
    await cluster.apply(daemonSet('inherited'));
    await eventually(async () => expect(await cluster.nodesWith('inherited')).toEqual(NODES));
  });

  test('a second sync loop with a Lease of its own is refused, and the first goes on', async () => {
    await own();
    const rival = await start('--mode=own', '--namespace=rival');
    expect(await rival.exited).toBe(3);
    expect(rival.logs.at(-1)?.msg).toContain('another DaemonSet controller is at work');
    await cluster.apply(daemonSet('unfought'));
    await eventually(async () => expect(await cluster.nodesWith('unfought')).toEqual(NODES));
  });

  // From here on with the built-in controller.

  test('§7.3 the built-in controller switched on later is detected, and we let go', async () => {
    const everynode = await own();
    await cluster.apply(daemonSet('handed-over'));
    await eventually(async () => expect(await cluster.nodesWith('handed-over')).toEqual(NODES));
    const before = (await cluster.pods('handed-over')).map((pod) => pod.metadata.uid);

    const manager = cluster.local.component('kube-controller-manager');
    await manager.stop();
    await manager.start(cluster.local.arguments({ daemonSetController: true })['kube-controller-manager']);
    expect(await everynode.exited).toBe(3);

    // The built-in carries on, and restarts nothing.
    await cluster.local.addNodes([{ name: 'd' }]);
    await eventually(async () => expect(await cluster.nodesWith('handed-over')).toEqual([...NODES, 'd']));
    const after = (await cluster.pods('handed-over')).map((pod) => pod.metadata.uid);
    expect(after).toEqual(expect.arrayContaining(before));
  });

  test('in mode auto beside the built-in controller we assist and make no pods', async () => {
    const everynode = await start('--mode=auto');
    await everynode.logged(({ mode }) => mode === 'assist');
    await cluster.apply(daemonSet('assisted'));
    await eventually(async () => expect(await cluster.nodesWith('assisted')).toEqual(NODES));
    expect(everynode.logs.some(({ created }) => created !== undefined)).toBe(false);
    const probes = await cluster.kubectl('get', 'daemonsets', '-n', 'everynode-system', '-o', 'name');
    expect(probes).toBe('');
  });
});

type Audited = { readonly verb: string; readonly resource: string };

/** What everynode has asked of the API server. */
async function requestsOf(log: string): Promise<Audited[]> {
  type AuditEvent = { stage: string; userAgent: string; verb: string; objectRef?: { resource: string } };
  return (await readFile(log, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ userAgent, stage }) => userAgent === 'everynode' && stage === 'ResponseComplete')
    .map(({ verb, objectRef }) => ({ verb, resource: objectRef?.resource ?? '' }));
}
