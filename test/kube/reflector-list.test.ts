import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreTime, settle, stopTime } from '../fakes/clock.ts';
import {
  added,
  bookmark,
  deleted,
  failure,
  follow,
  listEnd,
  modified,
  nextInTime,
  object,
  page,
} from './watch-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

describe('a streamed list', () => {
  it('is what is asked for first, as a consistent read', async () => {
    const { server } = await follow();
    const { route, query } = await server.next();
    expect(route).toBe('GET /api/v1/pods');
    const { timeoutSeconds, ...rest } = query;
    expect(rest).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
    });
    expect(Number(timeoutSeconds)).toBeGreaterThanOrEqual(300);
    expect(Number(timeoutSeconds)).toBeLessThan(600);
  });

  it('may be of one namespace and one selector', async () => {
    const { server } = await follow({ namespace: 'a', labelSelector: 'app=b' });
    const { route, query } = await server.next();
    expect(route).toBe('GET /api/v1/namespaces/a/pods');
    expect(query).toMatchObject({ labelSelector: 'app=b' });
  });

  it('is handed over when its end is marked, and the same stream goes on as the watch', async () => {
    const { server, calls, told } = await follow();
    const watch = await server.next();
    watch.send(added('a', 3), added('b', 7), bookmark(8));
    await settle();
    expect(calls).toEqual([]);
    watch.send(listEnd(9), added('c', 10));
    expect(await told(2)).toEqual(['replace 9: a@3 b@7', 'upsert 10: c@10']);
    expect(server.requests).toHaveLength(1);
  });

  it('may be of nothing', async () => {
    const { server, told } = await follow();
    (await server.next()).send(listEnd(9));
    expect(await told(1)).toEqual(['replace 9:']);
  });

  it('takes in what changes while it comes', async () => {
    const { server, told } = await follow();
    const watch = await server.next();
    watch.send(added('a', 3), added('b', 4), modified('a', 5), deleted('b', 6), listEnd(6));
    expect(await told(1)).toEqual(['replace 6: a@5']);
  });

  it.each([
    ['ends', 'end'],
    ['is cut', 'drop'],
  ] as const)('that %s before its end is marked is asked for again, from nothing', async (_, how) => {
    const { server, told } = await follow();
    const watch = await server.next();
    watch.send(added('a', 3));
    await settle();
    watch[how]();
    const again = await nextInTime(server);
    expect(again.query).toMatchObject({ sendInitialEvents: 'true' });
    again.send(added('b', 4), listEnd(4));
    expect(await told(1)).toEqual(['replace 4: b@4']);
  });

  it.each([403, 404, 429, 500])('that is refused with %d is asked for again', async (code) => {
    const { server, told } = await follow();
    (await server.next()).refuse(code);
    const again = await nextInTime(server);
    expect(again.query).toMatchObject({ sendInitialEvents: 'true' });
    again.send(listEnd(4));
    expect(await told(1)).toEqual(['replace 4:']);
  });

  it('is asked for again after an error in the midst of it', async () => {
    const { server, told } = await follow();
    (await server.next()).send(added('a', 3), failure(500, 'InternalError'));
    const again = await nextInTime(server);
    again.send(listEnd(4));
    expect(await told(1)).toEqual(['replace 4:']);
  });
});

describe.each([400, 422])('a server that refuses to stream lists with %d', (code) => {
  it('is listed in pages at once, and then watched', async () => {
    const { server, calls, told } = await follow({ namespace: 'a', labelSelector: 'app=b' });
    (await server.next()).refuse(code, { reason: 'Invalid' });
    const first = await server.next();
    expect(first.route).toBe('GET /api/v1/namespaces/a/pods');
    expect(first.query).toEqual({ labelSelector: 'app=b', limit: '500' });
    first.answer(page([object('a', 3), object('b', 4)], 9, 'token-1'));
    const second = await server.next();
    expect(second.query).toEqual({ labelSelector: 'app=b', limit: '500', continue: 'token-1' });
    expect(calls).toEqual([]);
    second.answer(page([object('c', 5)], 9));
    const watch = await server.next();
    expect(calls).toEqual(['replace 9: a@3 b@4 c@5']);
    expect(watch.query).toEqual({
      timeoutSeconds: expect.any(String),
      watch: 'true',
      allowWatchBookmarks: 'true',
      labelSelector: 'app=b',
      resourceVersion: '9',
    });
    watch.send(modified('a', 10));
    expect((await told(2)).at(-1)).toBe('upsert 10: a@10');
  });

  it('is not asked to again', async () => {
    const { server } = await follow();
    (await server.next()).refuse(code);
    (await server.next()).answer(page([], 9));
    (await server.next()).send(failure(410, 'Expired'));
    const { query } = await server.next();
    expect(query).toEqual({ limit: '500' });
  });
});

describe('pages', () => {
  it('whose token has run out are begun anew', async () => {
    const { server, calls } = await follow();
    (await server.next()).refuse(422);
    (await server.next()).answer(page([object('a', 3), object('gone', 4)], 9, 'token-1'));
    (await server.next()).refuse(410, { reason: 'Expired' });
    const anew = await server.next();
    expect(anew.query).toEqual({ limit: '500' });
    anew.answer(page([object('a', 3)], 12));
    await server.next();
    expect(calls).toEqual(['replace 12: a@3']);
  });

  it('end with an empty token as well as with none', async () => {
    const { server, calls } = await follow();
    (await server.next()).refuse(422);
    (await server.next()).answer({ items: [], metadata: { resourceVersion: '9', continue: '' } });
    expect((await server.next()).query).toMatchObject({ resourceVersion: '9' });
    expect(calls).toEqual(['replace 9:']);
  });
});
