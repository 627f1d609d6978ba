import { afterAll, beforeAll, expect, it } from 'vitest';
import { UnreachableError } from '../../src/kube/errors.ts';
import { pass, passUntil, restoreTime, stopTime } from '../fakes/clock.ts';
import { type Connected, connect } from './harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

function lines({ transport }: Connected, options: { idleTimeoutMs?: number } = {}): AsyncIterator<Buffer> {
  const { signal } = new AbortController();
  return transport.stream({ path: '/watch', signal, ...options })[Symbol.asyncIterator]();
}

it.each([
  ['150 s when nothing else is said', {}, 150_000],
  ['the time given', { idleTimeoutMs: 20_000 }, 20_000],
])('a stream ends when nothing has come for %s', async (_, options, limitMs) => {
  const connected = await connect();
  const stream = lines(connected, options);
  let line = stream.next();
  const exchange = await connected.server.next();
  for (const text of ['one', 'two']) {
    exchange.write(`${text}\n`);
    expect((await line).value?.toString()).toBe(text);
    line = stream.next();
    // Whatever comes starts the wait anew.
    await pass(limitMs - 5_000);
  }
  await expect(passUntil(line, 1_000)).rejects.toThrow(UnreachableError);
});

/** Fails when the promise takes longer than a minute to fail. */
async function endsSoon(promise: Promise<unknown>): Promise<void> {
  const from = performance.now();
  await expect(passUntil(promise, 1_000)).rejects.toThrow(/cannot be reached: no answer in time; check/);
  expect(performance.now() - from).toBeLessThan(60_000);
}

it('a request without an answer ends after 30 s', async () => {
  const { server, transport } = await connect();
  const result = transport.request({ method: 'PUT', path: '/x', body: {} });
  await server.next();
  await endsSoon(result);
});

it('a read that is not answered is tried once more only', async () => {
  const { server, transport } = await connect();
  const result = transport.request({ method: 'GET', path: '/x' });
  await expect(passUntil(result, 1_000)).rejects.toThrow('no answer in time');
  expect(server.requests).toHaveLength(2);
});

it('a request whose answer does not go on ends after 30 s', async () => {
  const { server, transport } = await connect();
  const result = transport.request({ method: 'PUT', path: '/x', body: {} });
  (await server.next()).write('{"half":');
  await endsSoon(result);
});

it('a stream that does not begin within 30 s ends too', async () => {
  const connected = await connect();
  const first = lines(connected).next();
  await connected.server.next();
  await endsSoon(first);
});
