import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pluginTests } from './kubectl/plugin.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const NODES = ['a', 'b', 'c'];
const NEW_IMAGE = 'registry.k8s.io/pause:3.10';

/** `rollout history | undo | status | restart` and `drain` are also in rollout.test.ts and nodes.test.ts. */
describe('§5.9 kubectl does as with the built-in', () => {
  let cluster: TestCluster;
  let everynode: Everynode;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes(NODES.map((name) => ({ name })));
    everynode = await Everynode.own(cluster);
    await roll('agent');
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
  });

  async function roll(name: string, parts: Parameters<typeof daemonSet>[1] = {}): Promise<void> {
    await cluster.apply(daemonSet(name, parts));
    await cluster.kubectl('rollout', 'status', `ds/${name}`, '--timeout=60s');
  }

  const edits: Record<string, readonly [readonly string[], object]> = {
    'set image': [['set', 'image', 'ds/agent', `agent=${NEW_IMAGE}`], { image: NEW_IMAGE }],
    'set env': [['set', 'env', 'ds/agent', 'A=1'], { env: [{ name: 'A', value: '1' }] }],
    'set resources': [
      ['set', 'resources', 'ds/agent', '--requests=cpu=10m'],
      { resources: { requests: { cpu: '10m' } } },
    ],
  };
  test.each(Object.entries(edits))('%s rolls out, as a revision of its own', async (_, [args, expected]) => {
    const before = (await cluster.daemonSet('agent')).metadata.generation ?? 0;
    await cluster.kubectl(...args);
    await cluster.kubectl('rollout', 'status', 'ds/agent', '--timeout=60s');
    expect((await cluster.daemonSet('agent')).metadata.generation).toBe(before + 1);
    const containers = (await cluster.pods('agent')).map(({ spec }) => spec.containers[0]);
    expect(containers).toMatchObject(NODES.map(() => expected));
    const history = await cluster.kubectl('rollout', 'history', 'ds/agent');
    expect(history.match(/^\d+/gm)).toHaveLength(before + 1);
  });

  pluginTests(() => cluster);

  test('describe shows counts, pods and Events', async () => {
    const described = await cluster.kubectl('describe', 'daemonset', 'agent');
    for (const line of [
      'Desired Number of Nodes Scheduled: 3',
      'Current Number of Nodes Scheduled: 3',
      'Number of Nodes Scheduled with Up-to-date Pods: 3',
      'Number of Nodes Scheduled with Available Pods: 3',
      'Number of Nodes Misscheduled: 0',
    ]) {
      expect(described).toContain(line);
    }
    expect(described).toMatch(/Pods Status:\s+3 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed/);
    expect(described).toMatch(/Normal\s+SuccessfulCreate .*Created pod: agent-/);
    expect(described).toMatch(/Normal\s+SuccessfulDelete .*Deleted pod: agent-/);
  });

  test('rollout status says what it waits for', async () => {
    await roll('waiting');
    await cluster.apply(daemonSet('waiting', { annotations: { 'everynode.dev/simulate': 'never-ready' } }));
    const stalled = { updatedNumberScheduled: 1, numberAvailable: 2 };
    await eventually(async () => expect((await cluster.daemonSet('waiting')).status).toMatchObject(stalled));
    expect(await cluster.kubectl('rollout', 'status', 'ds/waiting', '--watch=false')).toContain(
      'Waiting for daemon set "waiting" rollout to finish: 1 out of 3 new pods have been updated...',
    );
    await cluster.kubectl('rollout', 'undo', 'ds/waiting');
    expect(await cluster.kubectl('rollout', 'status', 'ds/waiting', '--timeout=60s')).toContain(
      'daemon set "waiting" successfully rolled out',
    );
  });

  test('rollout status counts the available pods when all are updated', async () => {
    const simulate = { annotations: { 'everynode.dev/simulate': 'never-ready' } };
    await cluster.apply(daemonSet('unready', simulate));
    await eventually(async () =>
      expect((await cluster.daemonSet('unready')).status).toMatchObject({ updatedNumberScheduled: 3 }),
    );
    expect(await cluster.kubectl('rollout', 'status', 'ds/unready', '--watch=false')).toContain(
      'Waiting for daemon set "unready" rollout to finish: 0 of 3 updated pods are available...',
    );
  });

  test('rollout undo twice is back where it was', async () => {
    await roll('toggled');
    await cluster.kubectl('set', 'image', 'ds/toggled', `agent=${NEW_IMAGE}`);
    for (const expected of ['registry.k8s.io/pause:3.9', NEW_IMAGE]) {
      await cluster.kubectl('rollout', 'status', 'ds/toggled', '--timeout=60s');
      expect(await cluster.kubectl('rollout', 'undo', 'ds/toggled')).toContain('rolled back');
      await cluster.kubectl('rollout', 'status', 'ds/toggled', '--timeout=60s');
      const images = (await cluster.pods('toggled')).map(({ spec }) => spec.containers[0]?.image);
      expect(images).toEqual(NODES.map(() => expected));
    }
  });

  test('what it refuses with the built-in, it refuses', async () => {
    await cluster.apply(daemonSet('ondelete', { spec: { updateStrategy: { type: 'OnDelete' } } }));
    await eventually(async () => expect(await cluster.nodesWith('ondelete')).toEqual(NODES));
    const refusals: Record<string, string> = {
      'status ds/ondelete': 'rollout status is only available for RollingUpdate strategy type',
      'undo ds/ondelete': 'no last revision to roll back to',
      'undo ds/agent --to-revision=99': 'unable to find specified revision 99 in history',
      'history ds/agent --revision=99': 'unable to find the specified revision',
      'pause ds/agent': 'pausing is not supported',
      'resume ds/agent': 'resuming is not supported',
    };
    for (const [args, message] of Object.entries(refusals)) {
      expect(await cluster.kubectlRefused('rollout', ...args.split(' '))).toContain(message);
    }
  });

  test('drain knows our pods for those of a DaemonSet, also when that is gone', async () => {
    expect(await cluster.kubectlRefused('drain', 'a')).toContain('DaemonSet-managed Pods');
    await roll('orphaning');
    const pods = await cluster.pods('orphaning');
    await cluster.kubectl('delete', 'ds', 'orphaning', '--cascade=orphan');
    // A bare pod now, which drain removes only when it is told to.
    await eventually(async () => {
      const refusal = await cluster.kubectlRefused('drain', 'a', '--ignore-daemonsets');
      expect(refusal).toContain(pods[0]?.metadata.name);
    });
    await cluster.kubectl('drain', 'a', '--ignore-daemonsets', '--force');
    expect(await cluster.nodesWith('orphaning')).toEqual(['b', 'c']);
    expect(await cluster.nodesWith('agent')).toEqual(NODES);
    await cluster.kubectl('uncordon', 'a');
  });
});
