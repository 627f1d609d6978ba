import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, type RawPod, TestCluster } from './harness.ts';

const CONFIGURATION = `
apiVersion: everynode.dev/v1alpha1
kind: AdmissionConfiguration
rules: {host-port-clash: deny}
extraTolerations:
  - selector: {matchLabels: {tier: agent}}
    tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]
`;

/** What kubectl says of a request, whether it is taken or not. */
type Answer = { readonly taken: boolean; readonly said: string };

describe('rules that look at the cluster, on the real API server', () => {
  let cluster: TestCluster;
  let everynode: Everynode;
  let folder: string;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    folder = await mkdtemp(join(tmpdir(), 'everynode-rules-'));
    const config = join(folder, 'config.yaml');
    await writeFile(config, CONFIGURATION);
    await cluster.local.addNodes(['a', 'b', 'c', 'd'].map((name) => ({ name, labels: { zone: name } })));
    everynode = await Everynode.own(cluster, 'serve', '--config', config);
    await cluster.apply(daemonSet('agent', { pod: withPort(9100) }));
    await eventually(async () => expect(await cluster.nodesWith('agent')).toEqual(['a', 'b', 'c', 'd']));
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(...args: readonly string[]): Promise<Answer> {
    return cluster.kubectlAll(...args).then(
      ({ stdout, stderr }) => ({ taken: true, said: stdout + stderr }),
      (error: unknown) => ({ taken: false, said: (error as { stderr: string }).stderr }),
    );
  }

  async function apply(object: object, ...args: readonly string[]): Promise<Answer> {
    const file = join(folder, 'object.json');
    await writeFile(file, JSON.stringify(object));
    return ask('apply', '-f', file, ...args);
  }

  test('a second DaemonSet that selects the same pods is refused, with the labels that both match', async () => {
    const rival = daemonSet('rival', {
      labels: { app: 'agent', tier: 'x' },
      spec: { selector: { matchLabels: { app: 'agent' } } },
    });
    const { taken, said } = await apply(rival);
    expect(taken).toBe(false);
    expect(said).toContain('selector-overlap');
    expect(said).toContain('DaemonSet "agent"');
    expect(said).toContain('app=agent');
  });

  test('a Deployment whose pods it would select is warned of', async () => {
    const labels = { app: 'web', shared: 'yes' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'pause' }] } };
    const spec = { replicas: 0, selector: { matchLabels: { app: 'web' } }, template };
    const metadata = { name: 'web', namespace: 'default' };
    await cluster.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec });
    const greedy = daemonSet('greedy', {
      labels: { shared: 'yes' },
      spec: { selector: { matchLabels: { shared: 'yes' } } },
    });
    await eventually(async () => {
      const { taken, said } = await apply(greedy, '--dry-run=server');
      expect(taken).toBe(true);
      expect(said).toContain(
        'Warning: [selector-overlap] spec.selector: selects pods of Deployment "web" too',
      );
    });
  });

  test('a port of the node that another DaemonSet has is refused where the configuration says so', async () => {
    const { taken, said } = await apply(daemonSet('clash', { pod: withPort(9100) }));
    expect(taken).toBe(false);
    expect(said).toContain('host-port-clash');
    expect(said).toContain('default/agent on 4 same nodes');
    const elsewhere = daemonSet('clash', { pod: { ...withPort(9100), nodeSelector: { zone: 'nowhere' } } });
    expect((await apply(elsewhere, '--dry-run=server')).taken).toBe(true);
  });

  test('an update that takes most pods away has to be confirmed, for its generation', async () => {
    const narrow = (annotations: object): object => {
      const object = daemonSet('agent', { pod: { ...withPort(9100), nodeSelector: { zone: 'a' } } }) as {
        metadata: object;
      };
      return { ...object, metadata: { ...object.metadata, annotations } };
    };
    const refused = await apply(narrow({}));
    expect(refused.taken).toBe(false);
    expect(refused.said).toContain('removes 3 of 4 pods (b, c, d)');
    const { generation } = (await cluster.daemonSet('agent')).metadata as unknown as { generation: number };
    expect(refused.said).toContain(`everynode.dev/confirm] to "${generation}"`);
    const confirmed = await apply(
      narrow({ 'everynode.dev/confirm': String(generation) }),
      '--dry-run=server',
    );
    expect(confirmed.taken).toBe(true);
    expect(confirmed.said).toContain('Warning: [blast-radius] spec.template.spec: removes 3 of 4 pods');
  });

  test('a protected DaemonSet is not deleted, and an orphaning deletion is warned of', async () => {
    await cluster.kubectl('label', 'daemonset', 'agent', 'everynode.dev/protected=true');
    const refused = await ask('delete', 'daemonset', 'agent');
    expect(refused.taken).toBe(false);
    expect(refused.said).toContain('deletion-protected');
    await cluster.kubectl('label', 'daemonset', 'agent', 'everynode.dev/protected-');
    const orphaning = await ask('delete', 'daemonset', 'agent', '--cascade=orphan', '--dry-run=server');
    expect(orphaning.said).toContain(
      'Warning: [orphaning-delete] options.propagationPolicy: is Orphan: 4 pods',
    );
  });

  test('a namespace with a protected DaemonSet can still be deleted', async () => {
    await cluster.kubectl('create', 'namespace', 'doomed');
    const object = daemonSet('guarded') as { metadata: object };
    const metadata = {
      ...object.metadata,
      namespace: 'doomed',
      labels: { 'everynode.dev/protected': 'true' },
    };
    await cluster.apply({ ...object, metadata });
    await cluster.kubectl('delete', 'namespace', 'doomed', '--timeout=60s');
  });

  test('a bare Pod with the labels of a DaemonSet is refused, another one is not', async () => {
    const pod = (labels: object): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'bare', namespace: 'default', labels },
      spec: { containers: [{ name: 'c', image: 'pause' }] },
    });
    const refused = await apply(pod({ app: 'agent' }), '--dry-run=server');
    expect(refused.taken).toBe(false);
    expect(refused.said).toContain('label-theft');
    expect((await apply(pod({ app: 'free' }), '--dry-run=server')).taken).toBe(true);
  });

  test('a Pod of a DaemonSet from somebody who runs none is refused', async () => {
    await cluster.kubectl('create', 'serviceaccount', 'mallory');
    await cluster.kubectl(
      'create',
      'clusterrolebinding',
      'mallory',
      '--clusterrole=cluster-admin',
      '--serviceaccount=default:mallory',
    );
    const { metadata } = await cluster.daemonSet('agent');
    const owner = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      name: 'agent',
      uid: metadata.uid,
      controller: true,
    };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'fake', namespace: 'default', ownerReferences: [owner] },
      spec: { nodeName: 'a', containers: [{ name: 'c', image: 'pause' }] },
    };
    const refused = await apply(pod, '--dry-run=server', '--as=system:serviceaccount:default:mallory');
    expect(refused.taken).toBe(false);
    expect(refused.said).toContain('impostor');
    expect((await apply(pod, '--dry-run=server')).taken).toBe(true);
  });

  test('pods of chosen DaemonSets get the extra tolerations', async () => {
    const object = daemonSet('tolerant') as { metadata: object };
    await cluster.apply({ ...object, metadata: { ...object.metadata, labels: { tier: 'agent' } } });
    await eventually(async () => expect(await cluster.pods('tolerant')).toHaveLength(4));
    const keys = (pods: readonly RawPod[]): readonly unknown[] =>
      (pods[0]?.spec.tolerations ?? []).map((toleration) => (toleration as { key?: string }).key);
    expect(keys(await cluster.pods('tolerant'))).toContain('gpu');
    expect(keys(await cluster.pods('agent'))).not.toContain('gpu');
  });

  test('what an earlier DaemonSet of the name left behind is named when it is created again', async () => {
    await cluster.kubectl('delete', 'daemonset', 'tolerant', '--cascade=orphan');
    const next = daemonSet('tolerant', {
      labels: { app: 'next' },
      spec: { selector: { matchLabels: { app: 'next' } } },
    });
    await eventually(async () => {
      const { said } = await apply(next, '--dry-run=server');
      expect(said).toContain('Warning: [selector-immutable] spec.selector: does not match 4 pods');
    });
  });
});

function withPort(hostPort: number): object {
  return { containers: [{ name: 'agent', image: 'pause', ports: [{ containerPort: 80, hostPort }] }] };
}
