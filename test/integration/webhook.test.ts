import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectInReadme, folded, LIVE } from '../readme.ts';
import { daemonSet, Everynode, eventually, type RawPod, TestCluster } from './harness.ts';

describe('admission on the real API server', () => {
  let cluster: TestCluster;
  let everynode: Everynode;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes([{ name: 'a' }, { name: 'b' }]);
    everynode = await Everynode.own(cluster, 'serve');
    await cluster.apply(daemonSet('guarded'));
    await eventually(async () => expect(await cluster.nodesWith('guarded')).toEqual(['a', 'b']));
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
  });

  async function refusal(object: object): Promise<string> {
    return cluster.apply(object).then(
      () => 'admitted',
      (error: unknown) => (error as { stderr: string }).stderr,
    );
  }

  test('a changed selector is refused with our explanation', async () => {
    const changed = daemonSet('guarded', {
      spec: { selector: { matchLabels: { app: 'guarded', tier: 'node' } } },
    });
    const message = await refusal(changed);
    expect(message).toContain('selector-immutable');
    expect(message).toContain('spec.selector');
  });

  test('README.md shows a denial', async () => {
    await cluster.apply(daemonSet('agent'));
    // It says how many pods would be left behind.
    await eventually(async () => expect(await cluster.nodesWith('agent')).toEqual(['a', 'b']));
    const [, ...words] = LIVE.denial.split(' ');
    const said = await cluster.kubectlRefused(...words.map((word) => word.replaceAll("'", '')));
    await expectInReadme(LIVE.denial, folded(said));
    await cluster.kubectl('delete', 'daemonset', 'agent');
  });

  test('a selector that does not match the template is refused with our explanation', async () => {
    const message = await refusal(
      daemonSet('mismatch', { spec: { selector: { matchLabels: { app: 'other' } } } }),
    );
    expect(message).toContain('selector-matches-template');
    expect(message).toContain('spec.template.metadata.labels');
  });

  test('an empty selector is refused with our explanation', async () => {
    const message = await refusal(daemonSet('empty', { spec: { selector: {} } }));
    expect(message).toContain('selector-empty');
  });

  test('a restartPolicy other than Always is refused with our explanation', async () => {
    const message = await refusal(daemonSet('never', { pod: { restartPolicy: 'Never' } }));
    expect(message).toContain('restart-policy');
    expect(message).toContain('spec.template.spec.restartPolicy');
  });

  test('a dry run is refused in the same way', async () => {
    const message = await cluster
      .apply(daemonSet('never', { pod: { restartPolicy: 'Never' } }), '--dry-run=server')
      .catch((error: unknown) => (error as { stderr: string }).stderr);
    expect(message).toContain('restart-policy');
  });

  test('a Pod that a DaemonSet controls and that arrives without affinity is pinned', async () => {
    await cluster.apply(daemonSet('parent', { pod: { nodeSelector: { none: 'such' } } }));
    const { metadata } = await cluster.daemonSet('parent');
    const pod = await created(
      cluster,
      controlledPod('handmade', metadata.uid, { 'everynode.dev/node': 'b' }),
    );
    expect(pod.spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }],
        },
      },
    });
    const keys = (pod.spec.tolerations as { key: string }[]).map(({ key }) => key);
    expect(keys).toContain('node.kubernetes.io/unschedulable');
  });

  test('a Pod that a DaemonSet controls and that names no node is refused', async () => {
    const { metadata } = await cluster.daemonSet('guarded');
    const message = await refusal(controlledPod('lost', metadata.uid, {}));
    expect(message).toContain('pod-names-no-node');
    expect(message).toContain('everynode.dev/node');
  });

  test('a Pod that no DaemonSet controls is left as it is', async () => {
    const { metadata: _, ...bare } = controlledPod('bare', 'unused', {}) as { metadata: object };
    const pod = await created(cluster, { ...bare, metadata: { name: 'bare', namespace: 'default' } });
    expect(pod.spec.affinity).toBeUndefined();
  });

  test('the sync loop’s pods come out of the webhook as they went in', async () => {
    const [pod] = await cluster.pods('guarded');
    const keys = (pod?.spec.tolerations ?? []).map((toleration) => (toleration as { key: string }).key);
    expect(keys.length).toBeGreaterThan(0);
    expect(keys).toEqual([...new Set(keys)]);
  });

  test('at exit with --unregister the WebhookConfigurations are gone', async () => {
    const names = () =>
      cluster.kubectl('get', 'mutatingwebhookconfigurations,validatingwebhookconfigurations', '-o', 'name');
    expect(await names()).toContain('everynode');
    await everynode.stop();
    expect(await names()).not.toContain('everynode');
  });
});

function controlledPod(name: string, uid: string, annotations: Record<string, string>): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'parent' },
      annotations,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'parent', uid, controller: true }],
    },
    spec: { containers: [{ name: 'agent', image: 'registry.k8s.io/pause:3.9' }] },
  };
}

/** Server-side: a dry run shows what admission makes of it, and leaves nothing that would be collected. */
async function created(cluster: TestCluster, object: object): Promise<RawPod> {
  return JSON.parse(await cluster.apply(object, '--dry-run=server', '-o', 'json')) as RawPod;
}
