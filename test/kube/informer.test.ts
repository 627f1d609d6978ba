import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PODS } from '../../src/api/kinds.ts';
import { type Change, createInformer, type Informer, type InformerOptions } from '../../src/kube/informer.ts';
import type { Identity } from '../../src/kube/store.ts';
import { restoreTime, settle, stopTime, until } from '../fakes/clock.ts';
import type { Exchange } from '../fakes/api-server.ts';
import { type Connected, connect } from './harness.ts';
import { added, bookmark, deleted, failure, listEnd, modified, type RawObject } from './watch-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

type Item = Identity & { readonly raw: RawObject };

const project = (raw: unknown): Item => ({
  ...((raw as RawObject).metadata satisfies Identity),
  raw: raw as RawObject,
});

const at = (object: Item): string => `${object.name}@${object.resourceVersion}`;

function describeChange(change: Change<Item>): string {
  switch (change.type) {
    case 'add':
      return `add ${at(change.new)}`;
    case 'update':
      return `update ${at(change.old)} ${at(change.new)}`;
    case 'delete':
      return `delete ${at(change.old)}`;
  }
}

type Running = Connected & {
  readonly informer: Informer<Item>;
  readonly watch: Exchange;
  /** The changes, once there are so many. */
  readonly changes: (count: number) => Promise<readonly string[]>;
};

/** An informer at work, before its first list. */
async function start(
  options: Partial<InformerOptions<Item>> = {},
  prepare: (informer: Informer<Item>) => void = () => undefined,
): Promise<Running> {
  const connected = await connect();
  const { client, logger } = connected;
  const informer = createInformer<Item>({ client, logger, kind: PODS, project, ...options });
  prepare(informer);
  const seen: string[] = [];
  informer.onChange((change) => seen.push(describeChange(change)));
  const ending = new AbortController();
  const run = informer.run(ending.signal);
  onTestFinished(() => {
    ending.abort();
    return run;
  });
  const changes = async (count: number): Promise<readonly string[]> => {
    await until(() => seen.length >= count);
    await settle();
    return seen;
  };
  return { ...connected, informer, changes, watch: await connected.server.next() };
}

describe('the changes that an informer tells', () => {
  it('are those that the watch brings, with the object as it was and as it is', async () => {
    const { watch, changes } = await start();
    watch.send(added('a', 3), listEnd(4), added('b', 5), modified('a', 6), deleted('b', 7));
    expect(await changes(4)).toEqual(['add a@3', 'add b@5', 'update a@3 a@6', 'delete b@5']);
  });

  it('of an object made anew under its name are its end and its beginning', async () => {
    const { watch, changes } = await start();
    watch.send(added('a', 3), listEnd(4), modified('a', 5, 'uid-2'));
    expect(await changes(3)).toEqual(['add a@3', 'delete a@3', 'add a@5']);
  });

  it('do not tell the same twice, nor the end of what was not there', async () => {
    const { watch, changes, logger } = await start();
    watch.send(added('a', 3), listEnd(4), added('a', 3), deleted('b', 5), modified('a', 6));
    expect(await changes(2)).toEqual(['add a@3', 'update a@3 a@6']);
    expect(logger.lines).toEqual([]);
  });

  it('after a new list are what is different: also what vanished unseen', async () => {
    const { server, watch, changes } = await start();
    watch.send(added('gone', 1), added('same', 2), added('changed', 3), added('anew', 4), listEnd(4));
    watch.send(failure(410, 'Expired'));
    const list = await server.next();
    list.send(added('same', 2), added('changed', 7), added('anew', 8, 'uid-2'), added('new', 9), listEnd(10));
    expect((await changes(9)).slice(4)).toEqual([
      'delete gone@1',
      'update changed@3 changed@7',
      'delete anew@4',
      'add anew@8',
      'add new@9',
    ]);
  });

  it('keep objects of one name in two namespaces apart', async () => {
    const { watch, changes, informer } = await start();
    const inNamespace = (namespace: string): object => ({
      type: 'ADDED',
      object: { metadata: { name: 'a', namespace, uid: namespace, resourceVersion: '3' } },
    });
    watch.send(inNamespace('x'), inNamespace('y'), listEnd(4));
    expect(await changes(2)).toEqual(['add a@3', 'add a@3']);
    expect([informer.store.get('x/a')?.uid, informer.store.get('y/a')?.uid]).toEqual(['x', 'y']);
  });
});

describe('a handler', () => {
  it('that throws does not keep others from hearing, nor the informer from going on', async () => {
    const error = new Error('faulty');
    const { watch, changes, logger } = await start({}, ({ onChange }) =>
      onChange(() => {
        throw error;
      }),
    );
    watch.send(added('a', 3), listEnd(4), modified('a', 5));
    expect(await changes(2)).toEqual(['add a@3', 'update a@3 a@5']);
    expect(logger.lines).toEqual(
      [1, 2].map(() => ({
        level: 'error',
        fields: { kind: 'Pod', err: error },
        message: expect.any(String),
      })),
    );
  });

  it('finds the change in the store, and the resourceVersion raised', async () => {
    const found: unknown[] = [];
    const { watch, changes } = await start({}, ({ onChange, store, lastSyncResourceVersion }) =>
      onChange(() => found.push([store.list().map(at), lastSyncResourceVersion()])),
    );
    watch.send(added('a', 3), added('b', 4), listEnd(5), deleted('a', 6));
    await changes(3);
    expect(found).toEqual([
      [['a@3', 'b@4'], '5'],
      [['a@3', 'b@4'], '5'],
      [['b@4'], '6'],
    ]);
  });
});

describe('an informer', () => {
  it('is synced when its handlers have seen the first list', async () => {
    const { informer, watch, changes } = await start();
    let seen: readonly string[] | undefined;
    const synced = informer.synced.then(async () => (seen = [...(await changes(0))]));
    watch.send(added('a', 3), bookmark(4));
    await settle();
    expect([seen, informer.lastSyncResourceVersion(), informer.store.size]).toEqual([undefined, '', 0]);
    watch.send(listEnd(5));
    await synced;
    expect([seen, informer.lastSyncResourceVersion(), informer.store.size]).toEqual([['add a@3'], '5', 1]);
  });

  it('goes ahead with bookmarks too', async () => {
    const { informer, watch } = await start();
    watch.send(listEnd(5), bookmark(9));
    await until(() => informer.lastSyncResourceVersion() === '9');
  });

  it('projects each object once, and not those that are deleted', async () => {
    const projected: string[] = [];
    const { watch, changes } = await start({
      project: (raw) => {
        projected.push(at(project(raw)));
        return project(raw);
      },
    });
    watch.send(added('a', 3), listEnd(4), modified('a', 5), deleted('a', 6));
    await changes(3);
    expect(projected).toEqual(['a@3', 'a@5']);
  });

  it('keeps nothing of what does not concern it, and lets go of what no longer does', async () => {
    const { informer, watch, changes } = await start({
      project: (raw) =>
        at(project(raw)).startsWith('foreign') || at(project(raw)) === 'a@6' ? undefined : project(raw),
    });
    watch.send(
      added('foreign', 2),
      added('a', 3),
      listEnd(4),
      added('foreign-too', 5),
      modified('a', 6),
      added('b', 7),
    );
    expect(await changes(3)).toEqual(['add a@3', 'delete a@3', 'add b@7']);
    expect(informer.store.list().map(at)).toEqual(['b@7']);
    expect(informer.lastSyncResourceVersion()).toBe('7');
  });

  it('files objects under its indexes', async () => {
    const { informer, watch, changes } = await start({
      indexes: { initial: ({ name }) => [name.charAt(0)] },
    });
    watch.send(added('a1', 3), listEnd(4), added('a2', 5), deleted('a1', 6));
    await changes(3);
    expect(informer.store.byIndex('initial', 'a').map(at)).toEqual(['a2@5']);
  });
});

it('records that do not say who they are are told apart as one says', async () => {
  const { server, client, logger } = await connect();
  const informer = createInformer<{ readonly of: RawObject }>({
    client,
    logger,
    kind: PODS,
    project: (raw) => ({ of: raw as RawObject }),
    identify: ({ of }) => of.metadata,
  });
  const ending = new AbortController();
  const run = informer.run(ending.signal);
  (await server.next()).send(added('a', 3), listEnd(4));
  await informer.synced;
  expect(informer.store.get('/a')?.of.metadata.resourceVersion).toBe('3');
  ending.abort();
  await run;
});
