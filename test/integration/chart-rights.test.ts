import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMESPACE } from './chart/template.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';
import { leastPrivilege } from './least-privilege.ts';

const NODES = ['a', 'b'];

/** What the process was refused, as it logged it. */
function refusals(everynode: Everynode): string[] {
  return everynode.logs.map((line) => JSON.stringify(line)).filter((line) => /forbidden/i.test(line));
}

/** The processes, each with the token of its ServiceAccount in the chart, against the real API server. */
describe('the rights that the chart gives', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes(NODES.map((name) => ({ name })));
  });

  afterAll(() => cluster?.stop());

  test('are enough for the sync loop in mode own: pods, a rollout, history, and the end', async () => {
    const kubeconfig = await leastPrivilege(cluster, 'sync');
    const everynode = await Everynode.own(cluster, 'sync', `--kubeconfig=${kubeconfig}`);
    await cluster.apply(daemonSet('synced'));
    await eventually(async () => expect(await cluster.nodesWith('synced')).toEqual(NODES));
    await cluster.kubectl('set', 'env', 'ds/synced', 'CHANGED=1');
    await cluster.kubectl('rollout', 'status', 'ds/synced', '--timeout=60s');
    const probe = await cluster.json<{ metadata: { ownerReferences: object[] } }>(
      'get',
      'daemonset',
      'everynode-sync-probe',
      '-n',
      NAMESPACE,
    );
    expect(probe.metadata.ownerReferences).toMatchObject([{ kind: 'Lease', name: 'everynode-sync' }]);
    expect(await everynode.stop()).toBe(0);
    expect(refusals(everynode)).toEqual([]);
    await expect(cluster.daemonSet('everynode-sync-probe', NAMESPACE)).rejects.toThrow('not found');
  });

  test('are fewer in mode assist, and enough', async () => {
    const kubeconfig = await leastPrivilege(cluster, 'sync', { mode: 'assist' });
    const everynode = await Everynode.start(cluster, 'sync', '--mode=assist', `--kubeconfig=${kubeconfig}`);
    await everynode.logged((line) => line.mode === 'assist');
    expect(await everynode.stop()).toBe(0);
    expect(refusals(everynode)).toEqual([]);
    await expect(
      cluster.kubectl(`--kubeconfig=${kubeconfig}`, 'auth', 'can-i', 'create', 'pods'),
    ).rejects.toThrow();
  });

  test('do not reach into Secrets, nor to other configurations, nor to what the chart does not name', async () => {
    const asWebhook = `--kubeconfig=${await leastPrivilege(cluster, 'webhook')}`;
    for (const [verb, what] of [
      ['get', 'secrets'],
      ['list', 'secrets'],
      ['create', 'secrets'],
      ['delete', 'secrets/everynode-webhook-tls'],
      ['create', 'pods'],
      ['patch', 'daemonsets'],
      ['patch', 'validatingwebhookconfigurations/another'],
      ['delete', 'validatingwebhookconfigurations/everynode'],
      ['create', 'mutatingwebhookconfigurations'],
    ] as const) {
      const asked = cluster.kubectl(asWebhook, 'auth', 'can-i', verb, what, '-n', NAMESPACE);
      await expect(asked, `${verb} ${what}`).rejects.toThrow();
    }
  });
});
