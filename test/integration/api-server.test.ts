import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, type RawPod, TestCluster } from './harness.ts';
import { leastPrivilege } from './least-privilege.ts';

const NODES = ['a', 'b', 'c'];
const NEW_IMAGE = 'registry.k8s.io/pause:3.10';
const GENERATION = 'deprecated.daemonset.template.generation';

/** What the API server does for `apps/v1`, where our code depends on it. */
describe('the API server', () => {
  let cluster: TestCluster;
  let everynode: Everynode;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes(NODES.map((name) => ({ name })));
    // All that follows shows that these are the rights it needs.
    everynode = await Everynode.own(cluster, 'sync', `--kubeconfig=${await leastPrivilege(cluster)}`);
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
  });

  function refused(name: string, spec: object, pod: object = {}): Promise<string> {
    return cluster.apply(daemonSet(name, { spec, pod }), '--dry-run=server').then(
      () => 'accepted',
      (error: { stderr: string }) => error.stderr,
    );
  }

  test('§1.1 sets the defaults that we take for granted', async () => {
    await cluster.apply(
      daemonSet('defaults', { spec: { updateStrategy: { rollingUpdate: { maxSurge: 0 } } } }),
    );
    const { spec } = await cluster.daemonSet('defaults');
    expect(spec).toMatchObject({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
      template: {
        spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', schedulerName: 'default-scheduler' },
      },
    });
  });

  test('§1.2 counts template changes, and nothing else, in an annotation that nobody can set', async () => {
    const generationOf = async (): Promise<unknown[]> => {
      const { metadata } = await cluster.daemonSet('counted');
      return [metadata.generation, metadata.annotations?.[GENERATION]];
    };
    await cluster.apply(daemonSet('counted'));
    await cluster.kubectl('annotate', 'ds', 'counted', 'note=1', `${GENERATION}=99`, '--overwrite');
    expect(await generationOf()).toEqual([1, '1']);
    await cluster.kubectl('patch', 'ds', 'counted', '-p', '{"spec":{"minReadySeconds":1}}');
    expect(await generationOf()).toEqual([2, '1']);
    await cluster.kubectl('set', 'image', 'ds/counted', `agent=${NEW_IMAGE}`);
    expect(await generationOf()).toEqual([3, '2']);
    await cluster.kubectl('rollout', 'status', 'ds/counted', '--timeout=60s');
    expect(
      (await cluster.pods('counted')).map((pod) => pod.metadata.labels['pod-template-generation']),
    ).toEqual(['2', '2', '2']);
  });

  const rolling = (rollingUpdate: object): object => ({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate },
  });
  const invalid: Record<string, readonly [object, object, string]> = {
    'rule 6: a selector that does not match the template': [
      { selector: { matchLabels: { app: 'other' } } },
      {},
      '`selector` does not match template `labels`',
    ],
    'rule 7: an empty selector': [{ selector: {} }, {}, 'empty selector is invalid for daemonset'],
    'rule 10: another restartPolicy': [{}, { restartPolicy: 'OnFailure' }, 'supported values: "Always"'],
    'rule 11: a deadline': [
      {},
      { activeDeadlineSeconds: 5 },
      'activeDeadlineSeconds in DaemonSet is not Supported',
    ],
    'rule 14: a negative history': [{ revisionHistoryLimit: -1 }, {}, 'must be greater than or equal to 0'],
    'rule 15: an unknown strategy': [{ updateStrategy: { type: 'Magic' } }, {}, 'spec.updateStrategy: '],
    'rule 18: a limit in words': [
      rolling({ maxUnavailable: 'many' }),
      {},
      'spec.updateStrategy.rollingUpdate',
    ],
    'rule 19: more than 100%': [rolling({ maxUnavailable: '200%' }), {}, 'must not be greater than 100%'],
    'rule 20: both limits': [
      rolling({ maxUnavailable: 1, maxSurge: 1 }),
      {},
      'may not be set when maxUnavailable is non-zero',
    ],
    'rule 20: neither limit': [rolling({ maxUnavailable: 0 }), {}, 'cannot be 0 when maxSurge is 0'],
  };
  test.each(Object.entries(invalid))('§1.3 refuses %s', async (_, [spec, pod, message]) => {
    expect(await refused('invalid', spec, pod)).toContain(message);
  });

  test('§1.3 rule 17: takes limits beside OnDelete without a look at them', async () => {
    const rollingUpdate = { maxUnavailable: 3, maxSurge: 3 };
    expect(await refused('beside', { updateStrategy: { type: 'OnDelete', rollingUpdate } })).toBe('accepted');
  });

  test('§1.3 rule 24: refuses another selector, and a collisionCount that falls', async () => {
    await cluster.apply(daemonSet('immutable'));
    const selector =
      '{"spec":{"selector":{"matchLabels":{"b":"c"}},"template":{"metadata":{"labels":{"b":"c"}}}}}';
    expect(await cluster.kubectlRefused('patch', 'ds', 'immutable', '-p', selector)).toContain(
      'field is immutable',
    );
    const status = ['patch', 'ds', 'immutable', '--subresource=status', '-p'];
    await cluster.kubectl(...status, '{"status":{"collisionCount":2}}');
    expect(await cluster.kubectlRefused(...status, '{"status":{"collisionCount":1}}')).toContain(
      'cannot be decremented',
    );
  });

  test('§1.4 shows what we write to the status, and knows no scale', async () => {
    await cluster.apply(daemonSet('shown'));
    await cluster.kubectl('rollout', 'status', 'ds/shown', '--timeout=60s');
    const [header, row] = (await cluster.kubectl('get', 'daemonset', 'shown')).split('\n');
    expect(header?.split(/\s{2,}/)).toEqual(
      expect.arrayContaining(['DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE']),
    );
    expect(row).toMatch(/^shown\s+3\s+3\s+3\s+3\s+3\s+<none>/);
    expect(await cluster.kubectl('get', 'controllerrevisions')).toMatch(
      /^shown-[456789bcdf]+\s+daemonset\.apps\/shown\s+1\s/m,
    );
    expect(await cluster.kubectlRefused('scale', 'ds/shown', '--replicas=2')).toContain('could not find');
  });

  test('§1.5 serves DaemonSets as apps/v1 only', async () => {
    const resources = await cluster.kubectl('api-resources', '--no-headers');
    expect(resources.match(/^daemonsets\s.*$/gm)).toEqual([expect.stringMatching(/\sapps\/v1\s/)]);
  });

  test('§4.3, §9.1.8 gives an orphan that two DaemonSets select to one of them', async () => {
    const labels = { app: 'contested' };
    // Meant for no node: whoever gets it leaves it there.
    const pod = { schedulerName: 'nobody', containers: [{ name: 'agent', image: NEW_IMAGE }] };
    const rivals = ['rival-1', 'rival-2'].map((name) => ({
      ...daemonSet('contested', { pod: { nodeSelector: { 'example.com/nowhere': 'true' } } }),
      metadata: { name, namespace: 'default' },
    }));
    for (const rival of rivals) await cluster.apply(rival);
    const names = ['orphan-1', 'orphan-2', 'orphan-3', 'orphan-4'];
    for (const name of names) {
      await cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: pod });
    }
    await eventually(async () => {
      const owners = (await cluster.pods('contested')).map(
        ({ metadata }) => metadata.ownerReferences?.length,
      );
      expect(owners).toEqual(names.map(() => 1));
    });
    // Both are in order again: they observe what is asked of them now.
    await eventually(async () => {
      for (const { metadata } of rivals) {
        const rival = await cluster.daemonSet(metadata.name);
        expect(rival.status?.observedGeneration).toBe(rival.metadata.generation);
      }
    });
  });

  const names: Record<string, string> = { '242 characters': 'n'.repeat(242), dots: 'name.with.dots' };
  test.each(Object.entries(names))('§9.1.15 takes pods and history of a name with %s', async (_, name) => {
    const manifest = { ...daemonSet('long-name'), metadata: { name, namespace: 'default' } };
    await cluster.apply(manifest);
    await cluster.kubectl('rollout', 'status', `ds/${name}`, '--timeout=60s');
    const pods = await cluster.pods('long-name');
    expect(pods.map(({ metadata }) => metadata.name.length <= 63)).toEqual([true, true, true]);
    expect(await cluster.kubectl('rollout', 'history', `ds/${name}`)).toMatch(/^1\s/m);
    await cluster.kubectl('delete', 'ds', name, '--cascade=foreground');
  });

  test('§9.1.22 deletes daemon pods for us whatever a PodDisruptionBudget says', async () => {
    await cluster.apply(daemonSet('budgeted'));
    await cluster.kubectl('rollout', 'status', 'ds/budgeted', '--timeout=60s');
    await cluster.kubectl('create', 'pdb', 'budget', '--selector=app=budgeted', '--min-available=3');
    await eventually(async () => {
      expect(await cluster.json('get', 'pdb', 'budget')).toMatchObject({ status: { disruptionsAllowed: 0 } });
    });
    const before = (await cluster.pods('budgeted')).map(({ metadata }) => metadata.uid);
    await cluster.kubectl('set', 'image', 'ds/budgeted', `agent=${NEW_IMAGE}`);
    await cluster.kubectl('rollout', 'status', 'ds/budgeted', '--timeout=60s');
    const after: RawPod[] = await cluster.pods('budgeted');
    expect(after.filter(({ metadata }) => before.includes(metadata.uid))).toEqual([]);
  });

  test('§7.7 refused us nothing in all this', async () => {
    await eventually(async () =>
      expect(await cluster.kubectl('describe', 'ds', 'shown')).toMatch(
        /SuccessfulCreate .*Created pod: shown-/,
      ),
    );
    expect(everynode.logs.filter((line) => JSON.stringify(line).includes('orbidden'))).toEqual([]);
  });
});
