import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';

const NODES = ['a', 'b', 'c'];
const ON_DELETE = { updateStrategy: { type: 'OnDelete' } };
const V1 = 'registry.k8s.io/pause:3.9';
const V2 = 'registry.k8s.io/pause:3.10';
const V3 = 'registry.k8s.io/pause:3.11';

/** A template whose revision two controllers only agree on when they agree on every byte. Runs nowhere. */
const EXOTIC = {
  nodeSelector: { 'example.com/nowhere': 'true' },
  hostNetwork: true,
  // More than a double can hold.
  terminationGracePeriodSeconds: JSON.rawJSON('9007199254740993'),
  tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
  containers: [
    {
      name: 'agent',
      image: V1,
      args: ['<a>&b', 'é\u2028x', '\u{1f600}'],
      env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }, { name: 'EMPTY' }],
      ports: [{ containerPort: 8080, hostPort: 8080 }],
      resources: { requests: { cpu: '0.1', memory: '1.5Gi' }, limits: { cpu: 2 } },
      readinessProbe: { httpGet: { path: '/', port: 'http' } },
      livenessProbe: { tcpSocket: { port: 8080 } },
    },
  ],
  volumes: [
    { name: 'logs', hostPath: { path: '/var/log' } },
    { name: 'conf', configMap: { name: 'conf', items: [{ key: 'a', path: 'a' }] } },
    {
      name: 'scratch',
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { labels: { a: 'b' } },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1G' } } },
        },
      },
    },
  ],
};

type Revision = {
  metadata: {
    name: string;
    uid: string;
    labels: Record<string, string>;
    ownerReferences: { name: string }[];
  };
  revision: number;
};
type Pod = {
  metadata: { name: string; uid: string; labels: Record<string, string>; generation?: number };
  spec: { nodeName: string };
  status: { startTime: string; containerStatuses: { restartCount: number; state: object }[] };
};
type Picture = { readonly pods: readonly object[]; readonly revisions: readonly object[] };

let cluster: TestCluster;
let everynode: Everynode | undefined;

beforeAll(async () => {
  cluster = await TestCluster.start({ daemonSetController: true });
  await cluster.local.addNodes(NODES.map((name) => ({ name })));
});

afterAll(async () => {
  await everynode?.stop();
  await cluster?.stop();
});

/** Stops kube-controller-manager and starts it with or without its DaemonSet controller. */
async function builtIn(daemonSetController: boolean): Promise<void> {
  const args = cluster.local.arguments({ daemonSetController });
  await cluster.local.component('kube-controller-manager').restart(args['kube-controller-manager']);
}

async function image(name: string, tag: string): Promise<void> {
  await cluster.kubectl('set', 'image', `ds/${name}`, `agent=${tag}`);
}

async function rolledOut(name: string): Promise<void> {
  const said = await cluster.kubectl('rollout', 'status', `ds/${name}`, '--timeout=90s');
  expect(said).toContain('successfully rolled out');
}

async function imagesOf(name: string): Promise<string[]> {
  return (await cluster.pods(name)).map(({ spec }) => spec.containers[0]?.image ?? '');
}

async function revisionsOf(name: string): Promise<Revision[]> {
  const { items } = await cluster.json<{ items: Revision[] }>('get', 'controllerrevisions');
  return items
    .filter(({ metadata }) => metadata.ownerReferences[0]?.name === name)
    .toSorted((a, b) => a.revision - b.revision);
}

/** Numbers of the revisions, as kubectl lists them. */
async function history(name: string): Promise<string[]> {
  return (await cluster.kubectl('rollout', 'history', `ds/${name}`)).match(/^\d+/gm) ?? [];
}

/** All about pods and revisions that must not change when another controller takes over. */
async function pictureOf(name: string): Promise<Picture> {
  const { items } = await cluster.json<{ items: Pod[] }>('get', 'pods', '-l', `app=${name}`);
  return {
    pods: items.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      uid: metadata.uid,
      labels: metadata.labels,
      node: spec.nodeName,
      startTime: status.startTime,
      containers: status.containerStatuses.map(({ restartCount, state }) => ({ restartCount, state })),
    })),
    revisions: (await revisionsOf(name)).map(({ metadata, revision }) => ({
      name: metadata.name,
      uid: metadata.uid,
      labels: metadata.labels,
      revision,
    })),
  };
}

/** A DaemonSet whose pods were replaced once: two revisions. */
async function makeRolled(name: string, parts: Parameters<typeof daemonSet>[1] = {}): Promise<void> {
  await cluster.apply(daemonSet(name, parts));
  await rolledOut(name);
  await image(name, V2);
  await rolledOut(name);
}

/** A DaemonSet with OnDelete of which one pod has the new revision and the others the old one. */
async function makeMixed(name: string): Promise<void> {
  await cluster.apply(daemonSet(name, { spec: ON_DELETE }));
  await eventually(async () => expect(await cluster.nodesWith(name)).toEqual(NODES));
  await image(name, V2);
  await eventually(async () => expect(await revisionsOf(name)).toHaveLength(2));
  await cluster.kubectl('delete', 'pod', (await cluster.pods(name))[0]?.metadata.name ?? '');
  await eventually(async () => {
    expect(await cluster.nodesWith(name)).toEqual(NODES);
    expect(await imagesOf(name)).toEqual([V2, V1, V1]);
  });
}

async function makeExotic(name: string): Promise<void> {
  await cluster.apply(daemonSet(name, { pod: EXOTIC }));
  await eventually(async () => expect(await revisionsOf(name)).toHaveLength(1));
}

async function picturesOf(names: readonly string[]): Promise<Record<string, Picture>> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await pictureOf(name)])));
}

async function conditionsOf(name: string): Promise<string[]> {
  return ((await cluster.daemonSet(name)).status?.conditions ?? []).map(({ type }) => type).toSorted();
}

function hashOf(
  object: Pick<Revision, 'metadata'> | { metadata: Pod['metadata'] } | undefined,
): string | undefined {
  return object?.metadata.labels['controller-revision-hash'];
}

/** As `makeRolled`, of pods that no scheduler has seen. */
async function makeDirect(name: string): Promise<void> {
  const manifest = daemonSet(name) as { metadata: object };
  const annotations = { 'everynode.dev/placement': 'direct' };
  await cluster.apply({ ...manifest, metadata: { ...manifest.metadata, annotations } });
  await rolledOut(name);
  await image(name, V2);
  await rolledOut(name);
}

const TYPES = ['Available', 'Progressing'];
const THEIRS = ['theirs', 'theirs-mixed', 'theirs-exotic'];
const OURS = ['ours', 'ours-mixed', 'ours-exotic', 'ours-direct'];

describe('everynode takes over from the built-in controller', () => {
  test('no pod restarts, and no revision is made, renamed or renumbered', async () => {
    await Promise.all([makeRolled('theirs'), makeMixed('theirs-mixed'), makeExotic('theirs-exotic')]);
    await builtIn(false);
    const before = await picturesOf(THEIRS);
    expect(before.theirs).toMatchObject({ pods: { length: 3 }, revisions: { length: 2 } });

    everynode = await Everynode.own(cluster);
    // The conditions show that each of them was synced.
    for (const name of THEIRS) await eventually(async () => expect(await conditionsOf(name)).toEqual(TYPES));
    expect(await picturesOf(THEIRS)).toEqual(before);
    expect(
      everynode.logs.filter(({ created, deleted, history: changed }) => created ?? deleted ?? changed),
    ).toEqual([]);
    expect((await cluster.daemonSet('theirs-mixed')).status).toMatchObject({
      numberAvailable: 3,
      updatedNumberScheduled: 1,
    });
  });

  test('OnDelete goes on with the revision that the built-in made', async () => {
    const newest = (await revisionsOf('theirs-mixed')).at(-1);
    await cluster.kubectl('delete', 'pod', (await cluster.pods('theirs-mixed'))[1]?.metadata.name ?? '');
    await eventually(async () => expect(await imagesOf('theirs-mixed')).toEqual([V2, V2, V1]));
    expect(hashOf((await cluster.pods('theirs-mixed'))[1])).toBe(hashOf(newest));
  });

  test('a rollout works, and an undo to a revision that the built-in made', async () => {
    const [first] = await revisionsOf('theirs');
    await image('theirs', V3);
    await rolledOut('theirs');
    expect(await imagesOf('theirs')).toEqual(NODES.map(() => V3));
    expect(await history('theirs')).toEqual(['1', '2', '3']);

    const undo = ['rollout', 'undo', 'ds/theirs', '--to-revision=1'];
    expect(await cluster.kubectl(...undo)).toContain('rolled back');
    await rolledOut('theirs');
    expect(await imagesOf('theirs')).toEqual(NODES.map(() => V1));
    expect(await history('theirs')).toEqual(['2', '3', '4']);
    const current = (await revisionsOf('theirs')).at(-1);
    expect(current?.metadata.uid).toBe(first?.metadata.uid);
    expect((await cluster.pods('theirs')).map(hashOf)).toEqual(NODES.map(() => hashOf(first)));
  });
});

describe('everynode hands back to the built-in controller', () => {
  const all = [...OURS, ...THEIRS];
  let before: Record<string, Picture>;

  test('no pod restarts, and no revision is made, renamed or renumbered', async () => {
    await Promise.all([
      makeRolled('ours'),
      makeMixed('ours-mixed'),
      makeExotic('ours-exotic'),
      makeDirect('ours-direct'),
    ]);
    for (const name of all) await eventually(async () => expect(await conditionsOf(name)).toEqual(TYPES));
    expect(await everynode?.stop()).toBe(0);
    before = await picturesOf(all);

    await builtIn(true);
    // It comes after all the others in the built-in's queue.
    await cluster.apply(daemonSet('last'));
    await rolledOut('last');
    expect(await picturesOf(all)).toEqual(before);
  });

  test('it goes on with all of them: status, new nodes, our conditions left as they are', async () => {
    await cluster.local.addNodes([{ name: 'd' }]);
    for (const name of all.filter((name) => !name.endsWith('exotic'))) {
      const { pods = [], revisions } = before[name] ?? {};
      await eventually(async () => {
        expect((await cluster.daemonSet(name)).status).toMatchObject({
          desiredNumberScheduled: 4,
          currentNumberScheduled: 4,
          numberMisscheduled: 0,
          numberReady: 4,
          numberAvailable: 4,
          updatedNumberScheduled: { 'theirs-mixed': 3, 'ours-mixed': 2 }[name] ?? 4,
        });
      });
      const after = await pictureOf(name);
      expect(after.pods).toEqual(expect.arrayContaining([...pods]));
      expect(after.revisions).toEqual(revisions);
      expect(await conditionsOf(name)).toEqual(TYPES);
    }
  });

  test('an undo to a revision that we made works, pods placed directly are replaced as others', async () => {
    for (const name of ['ours', 'ours-direct']) {
      const [first] = await revisionsOf(name);
      await cluster.kubectl('rollout', 'undo', `ds/${name}`);
      await rolledOut(name);
      expect(await imagesOf(name)).toEqual([...NODES, 'd'].map(() => V1));
      expect(await history(name)).toEqual(['2', '3']);
      expect((await revisionsOf(name)).at(-1)?.metadata.uid).toBe(first?.metadata.uid);
    }
  });
});
