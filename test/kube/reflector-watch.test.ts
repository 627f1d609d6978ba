import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pass, passUntil, restoreTime, settle, stopTime, until } from '../fakes/clock.ts';
import {
  added,
  bookmark,
  deleted,
  failure,
  followed,
  listEnd,
  modified,
  nextInTime,
} from './watch-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

it('a watch tells of what is made, changed and deleted, and of progress', async () => {
  const { watch, told } = await followed();
  watch.send(added('a', 11), modified('a', 12), bookmark(15), deleted('a', 16));
  expect(await told(5)).toEqual([
    'replace 10:',
    'upsert 11: a@11',
    'upsert 12: a@12',
    'progress 15',
    'remove 16: a@16',
  ]);
});

it('objects are told as they were sent, with fields that nobody knows and numbers of any size', async () => {
  const { watch, told, objects } = await followed();
  const sent =
    '{"metadata":{"name":"a","resourceVersion":"11"},"new":{"id":12345678901234567890,"s":"\u2028€"}}';
  watch.write(`{"type":"ADDED","object":${sent}}\n`);
  await told(2);
  expect(JSON.stringify(objects.at(-1))).toBe(sent);
});

describe('an event', () => {
  it('may come in pieces, cut anywhere', async () => {
    const { watch, told } = await followed();
    const bytes = Buffer.from(
      [added('grüße-€-😀', 11), modified('b', 12)].map((event) => `${JSON.stringify(event)}\n`).join(''),
    );
    for (let at = 0; at < bytes.length; at += 1) watch.write(bytes.subarray(at, at + 1));
    expect(await told(3)).toEqual(['replace 10:', 'upsert 11: grüße-€-😀@11', 'upsert 12: b@12']);
  });

  it('may hold what ends a line elsewhere', async () => {
    const { watch, told } = await followed();
    watch.send(added('a\u2028b\u2029c\u0085d', 11));
    expect(await told(2)).toEqual(['replace 10:', 'upsert 11: a\u2028b\u2029c\u0085d@11']);
  });

  it.each([
    'nonsense',
    '{"type":"ADDED"',
    'null',
    '[]',
    '{}',
    '{"type":1,"object":{}}',
    '{"type":"ADDED"}',
    '{"type":"ADDED","object":null}',
  ])('that is none is passed over: %s', async (line) => {
    const { watch, told, logger } = await followed();
    watch.write(`${line}\n`);
    watch.send(added('a', 11));
    expect(await told(2)).toEqual(['replace 10:', 'upsert 11: a@11']);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { kind: 'Pod', bytes: line.length } }]);
  });

  it('of an unknown type is passed over, and is no progress', async () => {
    const { server, watch, told, logger } = await followed();
    watch.send({ type: 'RENAMED', object: { metadata: { name: 'a', resourceVersion: '11' } } });
    watch.end();
    expect((await nextInTime(server)).query).toMatchObject({ resourceVersion: '10' });
    expect(await told(1)).toEqual(['replace 10:']);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { type: 'RENAMED' } }]);
  });
});

describe('a watch that has ended', () => {
  it('goes on at once from the last event', async () => {
    const { server, watch } = await followed();
    watch.send(added('a', 11));
    watch.end();
    const { query } = await server.next();
    expect(query).toMatchObject({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '11' });
    expect(query).not.toHaveProperty('sendInitialEvents');
    expect(query).not.toHaveProperty('resourceVersionMatch');
  });

  it('goes on from the last bookmark', async () => {
    const { server, watch } = await followed();
    watch.send(added('a', 11), bookmark(15));
    watch.end();
    expect((await server.next()).query).toMatchObject({ resourceVersion: '15' });
  });

  it('without a word is not asked for again at once, lest it be for ever', async () => {
    const { server, watch } = await followed();
    watch.end();
    (await server.next()).end();
    await settle();
    expect(server.requests).toHaveLength(2);
    expect((await nextInTime(server)).query).toMatchObject({ resourceVersion: '10' });
  });

  it('by a cut goes on from the last event, a little later', async () => {
    const { server, watch, told } = await followed();
    watch.send(added('a', 11));
    await told(2);
    watch.drop();
    await settle();
    expect(server.requests).toHaveLength(1);
    const again = await nextInTime(server);
    expect(again.query).toMatchObject({ resourceVersion: '11' });
    again.send(modified('a', 12));
    expect((await told(3)).at(-1)).toBe('upsert 12: a@12');
  });

  it('by an error that is not 410 goes on from the last event', async () => {
    const { server, watch } = await followed();
    watch.send(added('a', 11), failure(500, 'InternalError'));
    expect((await nextInTime(server)).query).toMatchObject({ resourceVersion: '11' });
  });

  it('by half a line does not take it for an event', async () => {
    const { server, watch, told } = await followed();
    watch.send(added('a', 11));
    watch.write('{"type":"MODIFIED","object":{"metadata":{"name":"a","resourceVersion":"1');
    watch.end();
    expect((await nextInTime(server)).query).toMatchObject({ resourceVersion: '11' });
    expect(await told(2)).toEqual(['replace 10:', 'upsert 11: a@11']);
  });

  it('by silence goes on from the last event', async () => {
    const { server, watch, told } = await followed({ idleTimeoutMs: 20_000 });
    watch.send(added('a', 11));
    await told(2);
    const from = performance.now();
    await pass(15_000);
    expect(server.requests).toHaveLength(1);
    await passUntil(watch.closed);
    // Long before the 150 s that count when nothing is said.
    expect(performance.now() - from).toBeLessThan(60_000);
    expect((await nextInTime(server)).query).toMatchObject({ resourceVersion: '11' });
  });

  it('by a refusal waits as long as the server asks', async () => {
    const { server, watch } = await followed();
    watch.send(added('a', 11));
    watch.end();
    (await server.next()).refuse(429, {}, { 'retry-after': '20' });
    await settle();
    await pass(19_000);
    expect(server.requests).toHaveLength(2);
    expect((await nextInTime(server)).query).toMatchObject({ resourceVersion: '11' });
  });

  it('by a refusal that would end streamed lists does not end them', async () => {
    const { server, watch } = await followed();
    watch.end();
    (await server.next()).refuse(400);
    (await nextInTime(server)).send(failure(410, 'Expired'));
    expect((await server.next()).query).toMatchObject({ sendInitialEvents: 'true' });
  });

  it('tells so each time, whatever ended it', async () => {
    let ended = 0;
    const { server, watch, stop } = await followed({ onWatchEnded: () => void (ended += 1) });
    watch.send(added('a', 11));
    watch.end();
    (await server.next()).drop();
    await nextInTime(server);
    expect(ended).toBe(2);
    await stop();
    expect(ended).toBe(2);
  });

  it('is told of in turn with those that the server grants, which a refusal is none of', async () => {
    const told: string[] = [];
    const { server, watch } = await followed({
      onWatchOpened: () => told.push('opened'),
      onWatchEnded: () => told.push('ended'),
    });
    expect(told).toEqual(['opened']);
    watch.send(added('a', 11));
    watch.end();
    (await server.next()).refuse(500);
    const next = await nextInTime(server);
    expect(told).toEqual(['opened', 'ended', 'ended']);
    // Nothing comes yet, and still it is open.
    next.write();
    await until(() => told.length === 4);
    expect(told).toEqual(['opened', 'ended', 'ended', 'opened']);
  });
});

describe('410', () => {
  const goneBy: Record<string, (watch: Awaited<ReturnType<typeof followed>>['watch']) => void> = {
    'as an event': (watch) => watch.send(failure(410, 'Expired')),
    'as a status': (watch) => watch.refuse(410, { reason: 'Expired' }),
  };

  it.each(Object.entries(goneBy))('%s makes a new list at once', async (_, gone) => {
    const { server, watch, told } = await followed();
    watch.send(added('a', 11));
    watch.end();
    gone(await server.next());
    const list = await server.next();
    expect(list.query).toMatchObject({ sendInitialEvents: 'true' });
    expect(list.query).not.toHaveProperty('resourceVersion');
    list.send(added('b', 20), listEnd(21));
    expect((await told(3)).at(-1)).toBe('replace 21: b@20');
  });

  it('straight after a new list waits before the next, and longer each time', async () => {
    const { server, watch } = await followed();
    watch.send(failure(410, 'Expired'));
    (await server.next()).send(listEnd(20), failure(410, 'Expired'));
    for (const atLeastMs of [800, 1_600, 3_200]) {
      await settle();
      const lists = server.requests.length;
      await pass(atLeastMs - 10);
      expect(server.requests).toHaveLength(lists);
      (await nextInTime(server)).send(listEnd(20), failure(410, 'Expired'));
    }
  });

  it('after something has come again counts as the first', async () => {
    const { server, watch } = await followed();
    watch.send(failure(410, 'Expired'));
    (await server.next()).send(listEnd(20), bookmark(21), failure(410, 'Expired'));
    expect((await server.next()).query).toMatchObject({ sendInitialEvents: 'true' });
  });
});
