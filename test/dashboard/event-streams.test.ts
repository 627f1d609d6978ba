import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Board } from '../../src/core/coverage/board.ts';
import { EventStreams } from '../../src/dashboard/event-streams.ts';
import { board, row } from '../core/coverage/boards.ts';
import { settle, until } from '../fakes/clock.ts';
import { newCertificates } from '../webhook/harness.ts';
import { EventReader } from './event-reader.ts';
import { NOBODY, reviewOf } from './reviews.ts';
import { Served, type ServedOptions, Source, TOKEN } from './served.ts';

afterEach(() => void vi.useRealTimers());

const GZIP = { 'accept-encoding': 'gzip, deflate, br' };

type Watching = { readonly served: Served; readonly reader: EventReader };

async function watch(headers: Record<string, string> = {}, options: ServedOptions = {}): Promise<Watching> {
  const served = await Served.start(options);
  return { served, reader: await join(served, headers) };
}

async function join(served: Served, headers: Record<string, string> = {}): Promise<EventReader> {
  return new EventReader(
    await served.open('/api/events', { headers: { ...(await served.signedIn()), ...headers } }),
  );
}

/** A board of a size that fills buffers, as different as can be from others. */
function bigBoard(seed: number): Board {
  let state = seed + 1;
  const cells = Array.from({ length: 100_000 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return 'aostmdkx.'[state % 9];
  });
  return { ...board(), daemonSets: [row({ cells: cells.join(''), message: `${seed}` })] };
}

describe.each([
  ['plain', {}],
  ['zipped', GZIP],
])('a stream, %s', (_, headers) => {
  it('begins with the board, and goes on with what changes', async () => {
    const { served, reader } = await watch(headers);
    served.source.show(board());
    expect(await reader.next()).toEqual({ event: 'board', data: JSON.stringify(board()) });
    const all = [
      board({ cells: 'as' }),
      { ...board({ cells: 'as' }), connection: { reachable: false, since: 5 } },
      { ...board(), daemonSets: [] },
      {
        ...board(),
        daemonSets: [row({ daemonSet: 'a/__proto__', message: 'line\nend\r\u2028 "quote" 💥' })],
      },
    ];
    for (const next of all) {
      served.source.show(next);
      expect((await reader.next())?.event).toBe('change');
      expect(reader.board).toEqual(next);
    }
    // The same once more is nothing new.
    served.source.show(all[3] ?? board());
    served.source.show(board());
    expect(await reader.until(board())).toBe(1);
  });

  it('is sent to who joins later from the board as it is', async () => {
    const { served, reader } = await watch(headers);
    served.source.show(board());
    served.source.show(board({ cells: 'mm' }));
    const later = await join(served, headers);
    expect(await later.next()).toEqual({ event: 'board', data: JSON.stringify(board({ cells: 'mm' })) });
    expect(await reader.until(board({ cells: 'mm' }))).toBe(2);
    expect(served.streams.size).toBe(2);
  });

  it('does not pile up for who reads slowly: what was missed comes as one change', async () => {
    const { served, reader } = await watch(headers);
    const boards = Array.from({ length: 100 }, (_, seed) => bigBoard(seed));
    for (const each of boards) {
      served.source.show(each);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const last = boards.at(-1) ?? board();
    expect(await reader.until(last)).toBeLessThan(boards.length);
    expect(reader.board).toEqual(last);
    served.source.show(board());
    expect(await reader.until(board())).toBe(1);
  });

  it('ends with a word when the session does', async () => {
    const { served, reader } = await watch(headers);
    served.source.show(board());
    await reader.next();
    const [session] = [await served.sessions.ofToken(TOKEN)];
    const other = new EventReader(
      await served.open('/api/events', { headers: { authorization: `Bearer ${TOKEN}`, ...headers } }),
    );
    await other.next();
    served.sessions.end(session);
    expect(await other.next()).toEqual({ event: 'signed-out', data: '' });
    expect(await other.next()).toBeUndefined();
    // Whoever is still signed in goes on.
    served.source.show(board({ cells: 'mm' }));
    expect((await reader.next())?.event).toBe('change');
    await until(() => served.streams.size === 1 && served.source.listeners.size === 1);
  });

  it('ends without a word when the server does', async () => {
    const { served, reader } = await watch(headers);
    served.source.show(board());
    await reader.next();
    await served.close();
    expect(await reader.next()).toBeUndefined();
    expect([served.streams.size, served.source.listeners.size]).toEqual([0, 0]);
  });

  it('is forgotten when the other side goes', async () => {
    const { served, reader } = await watch(headers);
    served.source.show(board());
    await reader.next();
    expect(served.source.listeners.size).toBe(1);
    reader.response.destroy();
    await until(() => served.source.listeners.size === 0 && served.streams.size === 0);
    served.source.show(board({ cells: 'mm' }));
  });

  it('is forgotten when the other side goes without having read what was sent', async () => {
    const { served, reader } = await watch(headers);
    for (let seed = 0; seed < 100; seed += 1) served.source.show(bigBoard(seed));
    reader.response.destroy();
    await until(() => served.source.listeners.size === 0 && served.streams.size === 0);
  });
});

describe('what a stream says of itself', () => {
  it('tells browsers when to try again, and everybody to keep nothing of it', async () => {
    const { reader } = await watch();
    expect(reader.response).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      },
    });
    const [first] = (await once(reader.response, 'data')) as [Buffer];
    expect(first.toString()).toBe('retry: 2000\n\n');
  });

  it.each<[string | undefined, 'gzip' | undefined]>([
    [undefined, undefined],
    ['gzip', 'gzip'],
    ['br, gzip;q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.0, br', undefined],
    ['gzip; q=0.01', 'gzip'],
    ['identity', undefined],
    ['br', undefined],
  ])('takes %s for %s', async (accepted, wanted) => {
    const { reader } = await watch(accepted === undefined ? {} : { 'accept-encoding': accepted });
    expect(reader.response.headers['content-encoding']).toBe(wanted);
  });

  it('works over TLS', async () => {
    const { served, reader } = await watch(GZIP, { certificates: await newCertificates() });
    served.source.show(board());
    expect((await reader.next())?.event).toBe('board');
  });

  it('is a sign of life every 15 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { served, reader } = await watch();
    vi.advanceTimersByTime(14_999);
    served.source.show(board());
    await reader.next();
    expect(reader.beats).toBe(0);
    vi.advanceTimersByTime(15_001);
    served.source.show(board({ cells: 'mm' }));
    await reader.next();
    expect(reader.beats).toBe(2);
    await served.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('too many streams', () => {
  it('are refused, until one has gone', async () => {
    const { served, reader } = await watch({}, { streams: { most: 2 } });
    await join(served);
    const refused = await served.call('/api/events', { headers: await served.signedIn() });
    expect(refused).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      json: { error: 'too many pages are open; close some, or try again later' },
    });
    reader.response.destroy();
    await until(() => served.streams.size === 1);
    expect((await join(served)).response.statusCode).toBe(200);
  });
});

describe('the right to a stream', () => {
  async function watchByToken(): Promise<Watching> {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    const served = await Served.start();
    const headers = { authorization: `Bearer ${TOKEN}` };
    const reader = new EventReader(await served.open('/api/events', { headers }));
    served.source.show(board());
    await reader.next();
    return { served, reader };
  }

  it('is asked for again every minute, and its end is the end of the stream', async () => {
    const { served, reader } = await watchByToken();
    vi.advanceTimersByTime(60_000);
    await until(() => served.client.callsOf('create TokenReview').length === 2);
    await settle();
    served.client.answer('create TokenReview', NOBODY);
    vi.advanceTimersByTime(60_000);
    expect(await reader.next()).toEqual({ event: 'signed-out', data: '' });
    expect(await reader.next()).toBeUndefined();
    await until(() => served.streams.size === 0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds for ten minutes while the API server does not answer; then the stream is cut', async () => {
    const { served, reader } = await watchByToken();
    served.client.answer('create TokenReview', new Error('down'));
    for (let minutes = 1; minutes < 10; minutes += 1) {
      vi.advanceTimersByTime(60_000);
      await until(() => served.client.callsOf('create TokenReview').length === 1 + minutes);
      await settle();
    }
    served.source.show(board({ cells: 'mm' }));
    expect((await reader.next())?.event).toBe('change');
    vi.advanceTimersByTime(60_000);
    await expect(reader.next()).rejects.toThrow('aborted');
    await until(() => served.streams.size === 0);
  });

  it('that is still being asked for when the other side goes begins nothing', async () => {
    const served = await Served.start();
    const answer = Promise.withResolvers<object>();
    served.client.answer('create TokenReview', () => answer.promise);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const asked = get({ host: '127.0.0.1', port: served.port, path: '/api/events', headers, agent: false });
    asked.on('error', () => undefined);
    await until(() => served.client.calls.length === 1);
    const left = new Promise((resolve) => asked.once('close', resolve));
    asked.destroy();
    await left;
    // The server has noticed by the time that it serves another one.
    await served.call('/healthz');
    answer.resolve(reviewOf('ada'));
    await served.sessions.ofToken(TOKEN);
    await served.call('/healthz');
    expect([served.streams.size, served.source.listeners.size]).toEqual([0, 0]);
  });
});

describe('a stream that has ended, and whose other side does not read', () => {
  it('bears boards and signs of life until it is read to its end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const source = new Source();
    const streams = new EventStreams({ source });
    const ended = new AbortController();
    const begun = Promise.withResolvers<ServerResponse>();
    const errors: unknown[] = [];
    const server = createServer((request, response) => {
      response.on('error', (error) => errors.push(error));
      streams.begin(request, response, ended.signal);
      begun.resolve(response);
    });
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [answer] = (await once(get({ host: '127.0.0.1', port, agent: false }), 'response')) as [
      IncomingMessage,
    ];
    const response = await begun.promise;
    // Until what the kernels take is used up, and a little waits here.
    for (let round = 0; response.writableLength === 0 || response.writableNeedDrain; round += 1) {
      source.show(board({ message: `${round} ${'x'.repeat(8_000)}` }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    ended.abort();
    vi.advanceTimersByTime(60_000);
    source.show(board({ cells: 'mm' }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual([]);
    const reader = new EventReader(answer);
    let last;
    for (let event = await reader.next(); event; event = await reader.next()) last = event;
    expect(last).toEqual({ event: 'signed-out', data: '' });
    await until(() => streams.size === 0);
    expect(errors).toEqual([]);
  });
});
