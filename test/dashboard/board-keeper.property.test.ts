import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS, type ResourceKind } from '../../src/api/kinds.ts';
import { applyChange, type Board, byName, changeBetween } from '../../src/core/coverage/board.ts';
import { groupingsOf } from '../../src/core/coverage/groupings.ts';
import { coverageRow } from '../../src/core/coverage/row.ts';
import { revisionData } from '../../src/core/history/revision-data.ts';
import { snapshotOf } from '../../src/core/snapshot-of.ts';
import { NOW, secondsAgo } from '../builders/clock.ts';
import { daemonSet } from '../builders/daemonset.ts';
import { node, taint } from '../builders/node.ts';
import { STRICT } from '../builders/plan.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { pass, restoreTime, stopTime } from '../fakes/clock.ts';
import type { FakeClient } from '../syncloop/fake-client.ts';
import { rawRevision } from '../syncloop/raw-objects.ts';
import { rawBoardNode, rawBoardPod } from './followed-cluster.ts';
import { keep, type Kept } from './keeper-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

/** Something that happens to one object: what it is from now on, or that it is gone. */
type Happening = {
  readonly kind: ResourceKind;
  readonly name: string;
  /** What it is, given the uid and resourceVersion. */
  readonly become?: (identity: { readonly uid: string; readonly resourceVersion: string }) => object;
};

const DAEMONSET_NAMES = ['a', 'b'] as const;
const NODE_NAMES = ['n1', 'n2', 'n3', 'n4'] as const;

const gone = fc.constantFrom(true, false, false, false);

function happening<T>(
  kind: ResourceKind,
  names: readonly string[],
  looks: fc.Arbitrary<T>,
  become: (name: string, look: T, identity: { uid: string; resourceVersion: string }) => object,
): fc.Arbitrary<Happening> {
  return fc.record({ name: fc.constantFrom(...names), look: looks, gone }).map(({ name, look, gone }) => ({
    kind,
    name,
    ...(!gone && { become: (identity) => become(name, look, identity) }),
  }));
}

const nodeHappenings = happening(
  NODES,
  NODE_NAMES,
  fc.record({
    zone: fc.constantFrom('a', 'a', 'b'),
    taints: fc.subarray(['gpu:NoSchedule', 'gpu:NoExecute'], { maxLength: 1 }),
    down: fc.constantFrom({}, {}, { notReadySince: secondsAgo(60) }, { notReadySince: secondsAgo(5) }),
  }),
  (name, { zone, taints, down }, identity) =>
    rawBoardNode({ ...node(name, { labels: { zone }, taints: taints.map(taint), ...down }), ...identity }),
);

/** DaemonSets whose templates and uids tell of the times that they were made anew. */
function daemonSetNamed(name: string, image: string, minReadySeconds: number): DaemonSet {
  return daemonSet({
    name,
    minReadySeconds,
    selector: { matchLabels: { app: name } },
    podSpec: { containers: [{ name: 'app', image }], ...(name === 'b' && { nodeSelector: { zone: 'a' } }) },
  });
}

const daemonSetHappenings = happening(
  DAEMONSETS,
  DAEMONSET_NAMES,
  fc.record({ image: fc.constantFrom('one', 'two'), minReadySeconds: fc.constantFrom(0, 5) }),
  (name, { image, minReadySeconds }, identity) => {
    const set = daemonSetNamed(name, image, minReadySeconds);
    return { ...set, metadata: { ...set.metadata, ...identity } };
  },
);

const ownerOf = fc.record({
  app: fc.constantFrom(...DAEMONSET_NAMES),
  generation: fc.nat(2),
  orphan: fc.constantFrom(false, false, false, true),
});

function controlledBy(app: string, generation: number, orphan: boolean): object {
  return orphan
    ? { controller: undefined }
    : { controller: { kind: 'DaemonSet', name: app, uid: `uid-${app}-${generation}` } };
}

const podHappenings = happening(
  PODS,
  ['p1', 'p2', 'p3', 'p4', 'p5'],
  fc.record({
    owner: ownerOf,
    on: fc.constantFrom(...NODE_NAMES),
    hash: fc.constantFrom('one', 'two', null),
    ready: fc.boolean(),
    terminating: fc.constantFrom(false, false, true),
    trouble: fc.constantFrom({}, {}, { trouble: 'ImagePullBackOff' }),
    readyFor: fc.constantFrom(0, 3, 60),
  }),
  (name, { owner: { app, generation, orphan }, trouble, ready, ...looks }, identity) => {
    const record = pod(name, { ...looks, ready, labels: { app } });
    return rawBoardPod({
      ...record,
      ...controlledBy(app, generation, orphan),
      ...(!ready && trouble),
      ...identity,
    });
  },
);

const revisionHappenings = happening(
  CONTROLLER_REVISIONS,
  ['r1', 'r2', 'r3'],
  fc.record({ owner: ownerOf, image: fc.constantFrom('one', 'two'), number: fc.integer({ min: 1, max: 3 }) }),
  (name, { owner: { app, generation, orphan }, image, number }, identity) => {
    const record = { ...revision(image, { number, labels: { app } }), name };
    const data: unknown = JSON.parse(revisionData(daemonSetNamed(app, image, 0).spec.template));
    return rawRevision({ ...record, ...controlledBy(app, generation, orphan), ...identity }, data);
  },
);

const rounds = fc.array(
  fc.record({
    happenings: fc.array(
      fc.oneof(nodeHappenings, daemonSetHappenings, podHappenings, podHappenings, revisionHappenings),
      { maxLength: 6 },
    ),
    pause: fc.constantFrom(0, 100, 1_000, 6_000),
  }),
  { maxLength: 8 },
);

/** Lets things happen as the API server would tell of them. */
class Teller {
  readonly #client: FakeClient;
  readonly #objects = new Map<string, object>();
  readonly #generations = new Map<string, number>();
  #resourceVersion = 100;

  constructor(client: FakeClient) {
    this.#client = client;
  }

  async tell({ kind, name, become }: Happening): Promise<void> {
    const key = `${kind.plural}/${name}`;
    const before = this.#objects.get(key);
    const generation = this.#generations.get(key) ?? 0;
    const feed = this.#client.feed(kind);
    if (!become) {
      this.#objects.delete(key);
      this.#generations.set(key, generation + 1);
      if (before) await feed.send('DELETED', before);
      return;
    }
    this.#resourceVersion += 1;
    const identity = { uid: `uid-${name}-${generation}`, resourceVersion: String(this.#resourceVersion) };
    const object = become(identity);
    this.#objects.set(key, object);
    await feed.send(before ? 'MODIFIED' : 'ADDED', object);
  }
}

/** The board made from nothing. */
function fresh({ keeper, view }: Pick<Kept, 'keeper' | 'view'>): Omit<Board, 'connection'> {
  const nodes = view.nodes().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    nodes: nodes.map(({ name, notReadySince }) => ({ name, ...(notReadySince && { notReadySince }) })),
    groupings: groupingsOf(nodes),
    daemonSets: keeper
      .daemonSets()
      .map((set) => coverageRow(snapshotOf(set, view, nodes), Date.now(), STRICT))
      .toSorted(byName),
  };
}

it('is what it would be if it were made from nothing, whatever has happened, also for who only gets the changes', async () => {
  await fc.assert(
    fc.asyncProperty(rounds, async (all) => {
      vi.setSystemTime(NOW);
      const kept = await keep({});
      const boards: Board[] = [];
      const leave = kept.keeper.listen((board) => boards.push(board));
      const teller = new Teller(kept.client);
      let received: Board | undefined;
      for (const { happenings, pause } of all) {
        for (const each of happenings) await teller.tell(each);
        await pass(pause);
      }
      // Also for pods that have to be ready for some seconds: time alone is noticed a little later.
      await pass(7_000);
      for (const [place, board] of boards.entries()) {
        const from = boards[place - 1];
        const change = from && changeBetween(from, board);
        received = received && change ? applyChange(received, change) : board;
      }
      if (!received) throw new Error('there is no board');
      const { connection, ...newest } = received;
      expect(newest).toEqual(fresh(kept));
      expect(connection).toEqual({ reachable: true, since: 0 });
      leave();
      await kept.stop();
    }),
    { numRuns: 300 },
  );
}, 60_000);
