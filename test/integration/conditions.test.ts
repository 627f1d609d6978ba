import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DaemonSetCondition } from '../../src/api/daemonset.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const NODES = ['a', 'b', 'c'];
const NEW_IMAGE = 'registry.k8s.io/pause:3.10';
/** More than any node has. */
const HUGE = {
  pod: { containers: [{ name: 'agent', image: NEW_IMAGE, resources: { requests: { cpu: '999' } } }] },
};
const LONG_AGO = '2026-01-01T00:00:00Z';
const FOREIGN = {
  type: 'example.com/Audited',
  status: 'True',
  reason: 'Checked',
  message: 'by somebody else',
  lastTransitionTime: LONG_AGO,
};

describe('status conditions', () => {
  let cluster: TestCluster;
  let everynode: Everynode;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes(NODES.map((name) => ({ name })));
    everynode = await Everynode.own(cluster);
  });

  afterAll(async () => {
    await everynode?.stop();
    await cluster?.stop();
  });

  async function conditionsOf(name: string): Promise<Record<string, DaemonSetCondition>> {
    const { conditions = [] } = (await cluster.daemonSet(name)).status ?? {};
    return Object.fromEntries(conditions.map((condition) => [condition.type, condition]));
  }

  async function untilConditions(
    name: string,
    expected: object,
  ): Promise<Record<string, DaemonSetCondition>> {
    return eventually(async () => {
      const conditions = await conditionsOf(name);
      expect(conditions).toMatchObject(expected);
      return conditions;
    });
  }

  async function rollOut(name: string, parts: Parameters<typeof daemonSet>[1] = {}): Promise<void> {
    await cluster.apply(daemonSet(name, parts));
    await cluster.kubectl('rollout', 'status', `ds/${name}`, '--timeout=60s');
  }

  async function writeCondition(name: string, condition: object): Promise<void> {
    const patch = JSON.stringify({ status: { conditions: [condition] } });
    await cluster.kubectl('patch', 'daemonset', name, '--subresource=status', '-p', patch);
  }

  /** Makes `Available` look as if it had been as it is for long. */
  function age(name: string): Promise<void> {
    return writeCondition(name, { type: 'Available', lastTransitionTime: LONG_AGO });
  }

  test('say that all is well, and kubectl can wait for that', async () => {
    await cluster.apply(daemonSet('well'));
    const complete = '--for=jsonpath={.status.conditions[?(@.type=="Progressing")].reason}=RolloutComplete';
    await cluster.kubectl('wait', 'ds/well', '--for=condition=Available', complete, '--timeout=60s');
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    await untilConditions('well', {
      Available: {
        status: 'True',
        reason: 'MinimumNodesAvailable',
        message: '3 of 3 eligible nodes have an available pod',
        lastTransitionTime: time,
      },
      Progressing: {
        status: 'True',
        reason: 'RolloutComplete',
        message: '3 of 3 eligible nodes have a pod of the current revision',
        lastTransitionTime: time,
      },
    });
  });

  test('name what is wrong and where, when only a person can help', async () => {
    await cluster.apply(daemonSet('huge', HUGE));
    await untilConditions('huge', {
      Available: {
        status: 'False',
        reason: 'NodesUnavailable',
        message: '0 of 3 eligible nodes have an available pod; 3 nodes: Unschedulable (a, b, c)',
      },
      Progressing: {
        status: 'False',
        reason: 'NodesInTrouble',
        message: expect.stringContaining('; 3 nodes: Unschedulable (a, b, c)'),
      },
    });
    await age('huge');
    await rollOut('huge');
    const after = await untilConditions('huge', {
      Available: { status: 'True' },
      Progressing: { status: 'True', reason: 'RolloutComplete' },
    });
    expect(Date.parse(after.Available?.lastTransitionTime ?? '')).toBeGreaterThan(Date.parse(LONG_AGO));
  });

  test('keep the time of the last change while only the words change', async () => {
    await rollOut('words');
    await untilConditions('words', { Progressing: { reason: 'RolloutComplete' } });
    await age('words');
    await cluster.apply(daemonSet('words', HUGE));
    // One of three may be unavailable.
    const after = await untilConditions('words', {
      Available: { status: 'True', message: '2 of 3 eligible nodes have an available pod' },
      Progressing: { status: 'False' },
    });
    expect(after.Available?.lastTransitionTime).toBe(LONG_AGO);
  });

  test('tell that OnDelete waits for somebody', async () => {
    await rollOut('waits');
    await cluster.kubectl('patch', 'ds', 'waits', '-p', '{"spec":{"updateStrategy":{"type":"OnDelete"}}}');
    await cluster.kubectl('set', 'image', 'ds/waits', `agent=${NEW_IMAGE}`);
    await untilConditions('waits', {
      Available: { status: 'True' },
      Progressing: {
        status: 'Unknown',
        reason: 'OnDelete',
        message: '0 of 3 eligible nodes have a pod of the current revision; the others wait to be deleted',
      },
    });
  });

  test('§6.1 leave those of others as they are, through a whole rollout', async () => {
    await rollOut('foreign');
    await writeCondition('foreign', FOREIGN);
    await cluster.kubectl('set', 'image', 'ds/foreign', `agent=${NEW_IMAGE}`);
    await cluster.kubectl('rollout', 'status', 'ds/foreign', '--timeout=60s');
    const conditions = await untilConditions('foreign', { Progressing: { reason: 'RolloutComplete' } });
    expect(Object.keys(conditions).toSorted()).toEqual(['Available', 'Progressing', FOREIGN.type]);
    expect(conditions[FOREIGN.type]).toEqual(FOREIGN);
  });

  test('§6.1 are not written with --strict-upstream, and those of others stay', async () => {
    await everynode.stop();
    everynode = await Everynode.own(cluster, 'sync', '--strict-upstream');
    await rollOut('strict');
    await writeCondition('strict', FOREIGN);
    await cluster.kubectl('set', 'image', 'ds/strict', `agent=${NEW_IMAGE}`);
    await cluster.kubectl('rollout', 'status', 'ds/strict', '--timeout=60s');
    expect(await conditionsOf('strict')).toEqual({ [FOREIGN.type]: FOREIGN });
    expect((await cluster.daemonSet('strict')).status).toMatchObject({
      numberAvailable: 3,
      updatedNumberScheduled: 3,
    });
  });
});
