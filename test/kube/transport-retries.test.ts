import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeconfigError } from '../../src/kube/cluster.ts';
import { UnreachableError } from '../../src/kube/errors.ts';
import type { Method } from '../../src/kube/transport.ts';
import type { Exchange, Status } from '../fakes/api-server.ts';
import { pass, passUntil, restoreTime, settle, stopTime, until } from '../fakes/clock.ts';
import { type Connected, connect } from './harness.ts';

const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const WRITES = METHODS.filter((method) => method !== 'GET');

beforeAll(stopTime);
afterAll(restoreTime);

const refused =
  (code: number, status?: Status, headers?: Readonly<Record<string, string>>) =>
  (exchange: Exchange): void =>
    exchange.refuse(code, status, headers);
const dropped = (exchange: Exchange): void => exchange.drop();

/** Sends, and answers the first tries by hand; the one after them is answered with what it is. */
async function send(
  method: Method,
  refusals: readonly ((exchange: Exchange) => void)[],
  connected?: Connected,
): Promise<{ server: Connected['server']; result: Promise<unknown> }> {
  const { server, transport } = connected ?? (await connect());
  const answers = [...refusals];
  server.on(`${method} /x`, (exchange) => {
    const refusal = answers.shift();
    if (refusal) refusal(exchange);
    else exchange.answer({ done: true });
  });
  const result = transport.request({ method, path: '/x', ...(method !== 'GET' && { body: {} }) });
  result.catch(() => undefined);
  return { server, result };
}

describe('429', () => {
  it.each(METHODS)('is tried again for %s, not before the server wants', async (method) => {
    const { server, result } = await send(method, [refused(429, {}, { 'retry-after': '7' })]);
    await until(() => server.requests.length === 1);
    await settle();
    await pass(6_990);
    expect(server.requests).toHaveLength(1);
    expect(await passUntil(result)).toEqual({ done: true });
    expect(server.requests).toHaveLength(2);
  });

  it('may say in its Status how long to wait', async () => {
    const { server, result } = await send('POST', [refused(429, { details: { retryAfterSeconds: 7 } })]);
    await until(() => server.requests.length === 1);
    await settle();
    await pass(6_990);
    expect(server.requests).toHaveLength(1);
    expect(await passUntil(result)).toEqual({ done: true });
  });

  it('is thrown when it does not end', async () => {
    const { server, result } = await send(
      'DELETE',
      Array.from({ length: 10 }, () => refused(429)),
    );
    await expect(passUntil(result)).rejects.toMatchObject({ name: 'ApiError', status: 429 });
    expect(server.requests).toHaveLength(6);
  });
});

describe.each([500, 502, 503, 504])('%d', (code) => {
  it('is tried again for GET', async () => {
    const { result } = await send('GET', [refused(code), refused(code)]);
    expect(await passUntil(result)).toEqual({ done: true });
  });

  it.each(WRITES)('is thrown for %s, which may have been done', async (method) => {
    const { server, result } = await send(method, [refused(code)]);
    await expect(passUntil(result)).rejects.toMatchObject({ name: 'ApiError', status: code });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a lost connection', () => {
  const losses: Record<string, (exchange: Exchange) => void> = {
    'before the answer': dropped,
    'in the middle of the answer': (exchange) => {
      exchange.write('{"do');
      setImmediate(() => exchange.drop());
    },
  };
  it.each(Object.entries(losses))('%s is tried again for GET', async (_, lose) => {
    const { result } = await send('GET', [lose]);
    expect(await passUntil(result)).toEqual({ done: true });
  });

  const cases = WRITES.flatMap((method) =>
    Object.entries(losses).map(([when, lose]) => ({ method, when, lose })),
  );
  it.each(cases)('$when is thrown for $method, which may have been done', async ({ method, lose }) => {
    const { server, result } = await send(method, [lose]);
    await expect(passUntil(result)).rejects.toThrow(UnreachableError);
    expect(server.requests).toHaveLength(1);
  });

  it('is thrown for GET too when it does not end', async () => {
    const { server, result } = await send(
      'GET',
      Array.from({ length: 10 }, () => dropped),
    );
    await expect(passUntil(result)).rejects.toThrow(UnreachableError);
    expect(server.requests).toHaveLength(6);
  });
});

it.each([400, 403, 404, 409, 410, 422])('%d is final, whatever the verb', async (code) => {
  for (const method of METHODS) {
    const { server, result } = await send(method, [refused(code)]);
    await expect(passUntil(result)).rejects.toMatchObject({ name: 'ApiError', status: code });
    expect(server.requests).toHaveLength(1);
  }
});

describe('401', () => {
  /** A server that takes only the token of this number. */
  async function withTokens(accepted: number): Promise<Connected & { readonly refreshed: () => number }> {
    let token = 1;
    const connected = await connect({
      headers: async () => ({ authorization: `Bearer ${token}` }),
      refresh: () => void (token += 1),
    });
    connected.server.on('POST /x', (exchange) => {
      if (exchange.headers.authorization === `Bearer ${accepted}`) exchange.answer({ done: true });
      else exchange.refuse(401, { reason: 'Unauthorized' });
    });
    return { ...connected, refreshed: () => token - 1 };
  }

  it('makes the credentials be fetched anew, at once', async () => {
    const { transport, refreshed } = await withTokens(2);
    expect(await transport.request({ method: 'POST', path: '/x', body: {} })).toEqual({ done: true });
    expect(refreshed()).toBe(1);
  });

  it('is thrown when new credentials are refused too', async () => {
    const { server, transport, refreshed } = await withTokens(0);
    await expect(transport.request({ method: 'POST', path: '/x', body: {} })).rejects.toMatchObject({
      status: 401,
    });
    expect(refreshed()).toBe(1);
    expect(server.requests).toHaveLength(2);
  });

  it('is dealt with after other tries too', async () => {
    const connected = await withTokens(2);
    const { result } = await send('PUT', [refused(429), refused(401)], connected);
    expect(await passUntil(result)).toEqual({ done: true });
    expect(connected.refreshed()).toBe(1);
  });
});

describe('the signal', () => {
  const reason = new Error('enough');

  it('ends a request before it is sent', async () => {
    const { server, transport } = await connect();
    await expect(
      transport.request({ method: 'GET', path: '/x', signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('ends a request that waits for its answer', async () => {
    const { server, transport } = await connect();
    const stop = new AbortController();
    const result = transport.request({ method: 'GET', path: '/x', signal: stop.signal });
    const exchange = await server.next();
    stop.abort(reason);
    await expect(result).rejects.toBe(reason);
    await exchange.closed;
  });

  it('ends a request that waits for its next try', async () => {
    const { server, transport } = await connect();
    const stop = new AbortController();
    const result = transport.request({ method: 'GET', path: '/x', signal: stop.signal });
    (await server.next()).refuse(429, {}, { 'retry-after': '3600' });
    await settle();
    stop.abort(reason);
    await expect(result).rejects.toThrow(Error);
    await pass(3_600_000);
    expect(server.requests).toHaveLength(1);
  });
});

it('credentials that cannot be got are told as such, and nothing is sent', async () => {
  const error = new KubeconfigError('kubeconfig: could not get credentials');
  const { server, transport } = await connect({ headers: () => Promise.reject(error) });
  await expect(transport.request({ method: 'GET', path: '/x' })).rejects.toBe(error);
  expect(server.requests).toEqual([]);
});
