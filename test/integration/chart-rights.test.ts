import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMESPACE, only, renderObjects } from './chart/template.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';
import { leastPrivilege } from './least-privilege.ts';

const NODES = ['a', 'b'];
const SECRET = `${NAMESPACE}/everynode-webhook-tls`;
const CONFIGURATIONS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;

type Configuration = {
  readonly webhooks: readonly {
    readonly name: string;
    readonly rules?: readonly object[];
    readonly clientConfig: { readonly service?: { readonly path: string }; readonly caBundle?: string };
  }[];
};

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

/** The webhook with the token of its ServiceAccount, and what it and GitOps tools do beside each other. */
describe("the webhook with the chart's own configurations", () => {
  let cluster: TestCluster;
  let everynode: Everynode;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes([{ name: 'a' }]);
    const kubeconfig = await leastPrivilege(cluster, 'webhook');
    const objects = await renderObjects();
    await cluster.apply(only(objects, 'Secret'), '--server-side', '--field-manager=helm');
    everynode = await Everynode.start(
      cluster,
      'webhook',
      `--kubeconfig=${kubeconfig}`,
      `--cert-secret=${SECRET}`,
      '--register=ca-bundle',
    );
    const { port } = await everynode.logged((line) => line.msg === 'serving admission');
    for (const kind of CONFIGURATIONS) await install(only(objects, kind), Number(port));
    await eventually(async () => {
      for (const kind of CONFIGURATIONS) {
        const { webhooks } = await cluster.json<Configuration>('get', kind, 'everynode');
        expect(webhooks.every(({ clientConfig }) => clientConfig.caBundle)).toBe(true);
      }
    });
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
  });

  /** As helm does; only the address is another, for there is no Service here. */
  async function install(configuration: object, port: number): Promise<void> {
    const { webhooks, ...rest } = structuredClone(configuration) as Configuration;
    const reached = webhooks.map(({ clientConfig, ...webhook }) => {
      return { ...webhook, clientConfig: { url: `https://127.0.0.1:${port}${clientConfig.service?.path}` } };
    });
    await cluster.apply({ ...rest, webhooks: reached }, '--server-side', '--field-manager=helm');
  }

  test('is asked, and answers', async () => {
    const broken = daemonSet('broken', { labels: { app: 'another' } });
    await expect(cluster.apply(broken)).rejects.toThrow('[selector-matches-template]');
    expect(refusals(everynode)).toEqual([]);
  });

  test.each([true, false])('does not stand in the way of an upgrade: workloads %j', async (workloads) => {
    const { port } = await everynode.logged((line) => line.msg === 'serving admission');
    const objects = await renderObjects({ values: { webhook: { workloads } } });
    for (const kind of CONFIGURATIONS) await install(only(objects, kind), Number(port));
    await cluster.apply(only(objects, 'Secret'), '--server-side', '--field-manager=helm');
    const { webhooks } = await cluster.json<Configuration>('get', CONFIGURATIONS[1], 'everynode');
    const entry = webhooks.find(({ name }) => name === 'workloads.everynode.dev');
    expect(entry?.rules ?? []).toHaveLength(workloads ? 3 : 0);
    expect(webhooks.every(({ clientConfig }) => clientConfig.caBundle)).toBe(true);
  });

  test('leaves no trace on a DaemonSet that is applied three times, and no difference', async () => {
    const manifest = daemonSet('gitops', { annotations: { note: 'as in Git' } });
    const versions: string[] = [];
    for (let times = 0; times < 3; times += 1) {
      await cluster.apply(manifest, '--server-side', '--field-manager=gitops');
      const { metadata } = await cluster.json<{
        metadata: { resourceVersion: string; managedFields: { manager: string; subresource?: string }[] };
      }>('get', 'daemonset', 'gitops', '--show-managed-fields');
      versions.push(metadata.resourceVersion);
      expect(metadata.managedFields.filter(({ subresource }) => !subresource)).toMatchObject([
        { manager: 'gitops' },
      ]);
    }
    expect(new Set(versions).size).toBe(1);
  });
});
