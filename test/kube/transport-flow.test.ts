import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Exchange } from '../fakes/api-server.ts';
import { pass, passUntil, restoreTime, settle, stopTime, until } from '../fakes/clock.ts';
import { connect } from './harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

const GET = { method: 'GET', path: '/x' } as const;

it('requests of flows go out so many at once, and others do not wait for them', async () => {
  const { server, transport } = await connect({}, { maxInFlight: 2 });
  const waiting: Exchange[] = [];
  server.on('GET /x', (exchange) => waiting.push(exchange));
  server.on('GET /lease', (exchange) => exchange.answer({}));
  const { signal } = new AbortController();
  const results = Array.from({ length: 5 }, () => transport.request({ ...GET, flow: { key: 'a', signal } }));
  await until(() => waiting.length === 2);
  expect(await transport.request({ method: 'GET', path: '/lease' })).toEqual({});
  await settle();
  for (let answered = 0; answered < 5; answered += 1) {
    await until(() => waiting.length >= Math.min(5, answered + 2));
    await settle();
    expect(waiting.length).toBeLessThanOrEqual(answered + 2);
    waiting[answered]?.answer({ answered });
  }
  expect(await Promise.all(results)).toHaveLength(5);
});

it('the signal of a flow ends the wait for its turn, and never what is under way', async () => {
  const { server, transport } = await connect({}, { maxInFlight: 1 });
  const stop = new AbortController();
  const flow = { key: 'a', signal: stop.signal };
  const underWay = transport.request({ ...GET, flow });
  const exchange = await server.next();
  const waiting = transport.request({ ...GET, flow });
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  exchange.answer({ done: true });
  expect(await underWay).toEqual({ done: true });
  expect(server.requests).toHaveLength(1);
});

it('a refusal lets all flows rest for as long as the server asks, and nobody else', async () => {
  const { server, transport } = await connect();
  const { signal } = new AbortController();
  server.on('GET /lease', (exchange) => exchange.answer({}));
  const refused = transport.request({ ...GET, flow: { key: 'a', signal } });
  (await server.next()).refuse(429, {}, { 'retry-after': '20' });
  await settle();
  server.on('GET /x', (exchange) => exchange.answer({ done: true }));
  const other = transport.request({ ...GET, flow: { key: 'b', signal } });
  expect(await transport.request({ method: 'GET', path: '/lease' })).toEqual({});
  await pass(19_000);
  expect(server.requests.map(({ path }) => path)).toEqual(['/x', '/lease']);
  expect(await passUntil(Promise.all([refused, other]))).toEqual([{ done: true }, { done: true }]);
});
