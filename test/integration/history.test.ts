import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { revisionData } from '../../src/core/history/revision-data.ts';
import { revisionHash } from '../../src/core/history/revision-hash.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const NODES = ['a', 'b', 'c'];
const NEW_IMAGE = 'registry.k8s.io/pause:3.10';
const HASH = 'controller-revision-hash';

type Revision = {
  metadata: {
    name: string;
    uid: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
    ownerReferences?: { uid: string }[];
  };
  revision: number;
  data: object;
};

describe('the history on the real API server', () => {
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

  async function roll(name: string): Promise<void> {
    await cluster.apply(daemonSet(name));
    await cluster.kubectl('rollout', 'status', `ds/${name}`, '--timeout=60s');
  }

  async function revisionsOf(name: string): Promise<Revision[]> {
    const { items } = await cluster.json<{ items: Revision[] }>(
      'get',
      'controllerrevisions',
      '-l',
      `app=${name}`,
    );
    return items.toSorted((a, b) => a.revision - b.revision);
  }

  async function onlyRevisionOf(name: string): Promise<Revision> {
    const [revision, ...others] = await revisionsOf(name);
    if (!revision || others.length > 0) throw new Error(`${name} has ${others.length + 1} revisions`);
    return revision;
  }

  async function uidsOf(name: string): Promise<string[]> {
    return (await cluster.pods(name)).map(({ metadata }) => metadata.uid);
  }

  /** A revision as somebody else might make it. */
  async function makeRevision(
    of: Revision,
    name: string,
    changes: { revision: number; data?: object },
  ): Promise<void> {
    const { labels, ownerReferences } = of.metadata;
    await cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { name, namespace: 'default', labels: { ...labels, [HASH]: 'copied' }, ownerReferences },
      data: of.data,
      ...changes,
    });
  }

  test('§9.1.12 an annotation makes no revision, and the change-cause stays that of the beginning', async () => {
    const manifest = daemonSet('annotated') as { metadata: object };
    const annotations = { 'kubernetes.io/change-cause': 'first' };
    await cluster.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
    await cluster.kubectl('rollout', 'status', 'ds/annotated', '--timeout=60s');
    await cluster.kubectl('annotate', 'ds', 'annotated', 'kubernetes.io/change-cause=second', '--overwrite');
    await cluster.kubectl('patch', 'ds', 'annotated', '-p', '{"spec":{"minReadySeconds":1}}');
    await cluster.kubectl('rollout', 'status', 'ds/annotated', '--timeout=60s');
    expect(await cluster.kubectl('rollout', 'history', 'ds/annotated')).toMatch(/^1\s+first$/m);
    await onlyRevisionOf('annotated');
    await cluster.kubectl('set', 'image', 'ds/annotated', `agent=${NEW_IMAGE}`);
    await eventually(async () =>
      expect(await cluster.kubectl('rollout', 'history', 'ds/annotated')).toMatch(/^1\s+first\n2\s+second$/m),
    );
  });

  test('§9.1.19 a revision that was deleted by hand comes back under its name, and no pod restarts', async () => {
    await roll('deleted');
    const before = await onlyRevisionOf('deleted');
    const pods = await uidsOf('deleted');
    await cluster.kubectl('delete', 'controllerrevision', before.metadata.name);
    await eventually(async () => {
      const { metadata, revision } = await onlyRevisionOf('deleted');
      expect({ name: metadata.name, revision }).toEqual({ name: before.metadata.name, revision: 1 });
      expect(metadata.uid).not.toBe(before.metadata.uid);
    });
    await cluster.kubectl('rollout', 'status', 'ds/deleted', '--timeout=60s');
    expect(await uidsOf('deleted')).toEqual(pods);
  });

  test('§9.1.20 one whose labels were taken away is let go and still used, and taken back with them', async () => {
    await roll('relabelled');
    const { metadata } = await onlyRevisionOf('relabelled');
    const pods = await uidsOf('relabelled');
    const label = ['label', 'controllerrevision', metadata.name, '--overwrite'];
    const owners = async (): Promise<number | undefined> =>
      (await cluster.json<Revision>('get', 'controllerrevision', metadata.name)).metadata.ownerReferences
        ?.length;
    await cluster.kubectl(...label, 'app=elsewhere');
    await eventually(async () => expect(await owners()).toBeUndefined());

    // Work goes on meanwhile.
    await cluster.kubectl('delete', 'pod', (await cluster.pods('relabelled'))[0]?.metadata.name ?? '');
    await eventually(async () => expect(await cluster.nodesWith('relabelled')).toEqual(NODES));
    expect((await uidsOf('relabelled')).slice(1)).toEqual(pods.slice(1));

    await cluster.kubectl(...label, 'app=relabelled');
    await eventually(async () => expect(await owners()).toBe(1));
    expect((await onlyRevisionOf('relabelled')).metadata.uid).toBe(metadata.uid);
    expect((await uidsOf('relabelled')).slice(1)).toEqual(pods.slice(1));
  });

  test('§5.8 the name of a new revision is taken: the collision is counted, the rollout goes on (TestLaunchWithHashCollision)', async () => {
    await roll('collided');
    const first = await onlyRevisionOf('collided');
    const setImage = ['set', 'image', 'ds/collided', `agent=${NEW_IMAGE}`];
    const next = await cluster.json<DaemonSet>(...setImage, '--dry-run=server');
    const taken = `collided-${revisionHash(revisionData(next.spec.template), undefined)}`;
    await makeRevision(first, taken, { revision: 0, data: { spec: { template: { other: true } } } });

    await cluster.kubectl(...setImage);
    await cluster.kubectl('rollout', 'status', 'ds/collided', '--timeout=60s');
    expect((await cluster.daemonSet('collided')).status?.collisionCount).toBe(1);
    const current = (await revisionsOf('collided')).at(-1);
    expect(current?.revision).toBe(2);
    expect(current?.metadata.name).not.toBe(taken);
    const hashes = (await cluster.pods('collided')).map(({ metadata }) => metadata.labels[HASH]);
    expect(hashes).toEqual(NODES.map(() => current?.metadata.labels[HASH]));
  });

  test('§5.8 of two equal revisions the higher number stays, and the pods follow it (TestDSCUpdatesPodLabelAfterDedupCurHistories)', async () => {
    await roll('doubled');
    const first = await onlyRevisionOf('doubled');
    const pods = await uidsOf('doubled');
    await makeRevision(first, 'doubled-copied', { revision: 5 });
    await eventually(async () => {
      expect((await onlyRevisionOf('doubled')).metadata.name).toBe('doubled-copied');
      const labels = (await cluster.pods('doubled')).map(({ metadata }) => metadata.labels[HASH]);
      expect(labels).toEqual(['copied', 'copied', 'copied']);
    });
    expect(await uidsOf('doubled')).toEqual(pods);
  });

  test('§9.1.14 with revisionHistoryLimit 0 only the current revision is left', async () => {
    await cluster.apply(daemonSet('limited', { spec: { revisionHistoryLimit: 0 } }));
    await cluster.kubectl('rollout', 'status', 'ds/limited', '--timeout=60s');
    await cluster.kubectl('set', 'image', 'ds/limited', `agent=${NEW_IMAGE}`);
    await cluster.kubectl('rollout', 'status', 'ds/limited', '--timeout=60s');
    await eventually(async () => expect((await onlyRevisionOf('limited')).revision).toBe(2));
    expect(await cluster.kubectlRefused('rollout', 'undo', 'ds/limited')).toContain(
      'no last revision to roll back to',
    );
  });
});
