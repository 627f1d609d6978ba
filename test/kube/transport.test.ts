import { Agent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { ApiError, UnreachableError } from '../../src/kube/errors.ts';
import type { Method } from '../../src/kube/transport.ts';
import { connect } from './harness.ts';

describe('a request', () => {
  it('goes out with its path, query, headers and JSON body', async () => {
    const { server, transport } = await connect({ headers: async () => ({ authorization: 'Bearer t' }) });
    server.on('POST /api/v1/pods', (exchange) => exchange.answer({ ok: true }, 201));
    const answer = await transport.request({
      method: 'POST',
      path: '/api/v1/pods',
      query: { labelSelector: 'a=b,c in (d)', limit: 5, force: false, continue: undefined },
      body: { name: 'ä' },
    });
    expect(answer).toEqual({ ok: true });
    expect(server.requests[0]?.query).toEqual({ labelSelector: 'a=b,c in (d)', limit: '5', force: 'false' });
    expect(server.requests[0]).toMatchObject({
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: 'Bearer t',
        'user-agent': 'everynode',
      },
      body: '{"name":"ä"}',
    });
  });

  it('sends a string byte for byte, under the content type that it is given', async () => {
    const { server, transport } = await connect();
    server.on('PATCH /x', (exchange) => exchange.answer({}));
    const body = '{"a":  1}';
    await transport.request({
      method: 'PATCH',
      path: '/x',
      body,
      contentType: 'application/merge-patch+json',
    });
    expect(server.requests[0]?.body).toBe(body);
    expect(server.requests[0]?.headers['content-type']).toBe('application/merge-patch+json');
  });

  it('without a body announces none', async () => {
    const { server, transport } = await connect();
    server.on('GET /x', (exchange) => exchange.answer({}));
    await transport.request({ method: 'GET', path: '/x' });
    expect(server.requests[0]?.headers).not.toHaveProperty('content-type');
  });

  it('keeps the path of a server that is behind one', async () => {
    const { server, transport } = await connect();
    const behind = await connect({ server: `${server.url}/clusters/c1` });
    server.on('GET /clusters/c1/api/v1/pods', (exchange) => exchange.answer({ items: [] }));
    expect(await behind.transport.request({ method: 'GET', path: '/api/v1/pods' })).toEqual({ items: [] });
    await transport.close();
  });

  it('goes over the connections that are there', async () => {
    const { server, transport } = await connect({ connect: () => new Agent({ connections: 4 }) });
    server.on('GET /x', (exchange) => exchange.answer({}));
    const get = (): Promise<unknown> => transport.request({ method: 'GET', path: '/x' });
    await Promise.all(Array.from({ length: 100 }, get));
    for (let at = 0; at < 100; at += 1) await get();
    expect(server.requests).toHaveLength(200);
    expect(server.connections).toBeLessThanOrEqual(4);
  });

  it('does not wait for the streams that are open', async () => {
    const { server, transport } = await connect({ connect: () => new Agent({ connections: 1 }) });
    server.on('GET /stream', (exchange) => exchange.write('1\n'));
    server.on('GET /x', (exchange) => exchange.answer({}));
    const { signal } = new AbortController();
    await transport.stream({ path: '/stream', signal })[Symbol.asyncIterator]().next();
    expect(await transport.request({ method: 'GET', path: '/x' })).toEqual({});
  });
});

describe('an answer', () => {
  it('keeps fields that nobody knows and whole numbers of any size, there and back', async () => {
    const { server, transport } = await connect();
    const sent =
      '{"spec":{"fieldOfTheFuture":{"deep":[null,true]},"id":12345678901234567890,"neg":-9007199254740993}}';
    server.on('GET /x', (exchange) => exchange.answer(sent));
    server.on('PUT /x', (exchange) => exchange.answer(exchange.body));
    const body = await transport.request({ method: 'GET', path: '/x' });
    await transport.request({ method: 'PUT', path: '/x', body });
    expect(server.requests.at(-1)?.body).toBe(sent);
  });

  it('that is no JSON comes as text', async () => {
    const { server, transport } = await connect();
    server.on('GET /readyz', (exchange) => exchange.answer('ok', 200, { 'content-type': 'text/plain' }));
    expect(await transport.request({ method: 'GET', path: '/readyz' })).toBe('ok');
  });

  it('in HTML is the page of a proxy, not of the API server', async () => {
    const { server, transport } = await connect();
    server.on('GET /x', (exchange) =>
      exchange.answer('<html>\n  Log in</html>', 200, { 'content-type': 'text/html' }),
    );
    await expect(transport.request({ method: 'GET', path: '/x' })).rejects.toMatchObject({
      name: 'ApiError',
      message: 'the server answered 200 without a Status: <html> Log in</html>',
    });
  });

  it('with a Status tells all that it says', async () => {
    const { server, transport } = await connect();
    server.on('POST /x', (exchange) =>
      exchange.refuse(422, {
        reason: 'Invalid',
        message: 'DaemonSet.apps "a" is invalid',
        details: { causes: [{ reason: 'FieldValueRequired', field: 'spec.selector' }], retryAfterSeconds: 3 },
      }),
    );
    const error = await transport.request({ method: 'POST', path: '/x', body: {} }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 422,
      reason: 'Invalid',
      message: 'DaemonSet.apps "a" is invalid',
      causes: [{ reason: 'FieldValueRequired', field: 'spec.selector' }],
      retryAfterSeconds: 3,
    });
  });

  const bodies: Record<string, [body: string, type: string, message: string]> = {
    'of plain text': [
      '404 page not found',
      'text/plain',
      'the server answered 404 without a Status: 404 page not found',
    ],
    'of nothing': ['', 'application/json', 'the server answered 404 without a Status: nothing'],
    'of broken JSON': [
      '{"reason":',
      'application/json',
      'the server answered 404 without a Status: {"reason":',
    ],
    'of null': ['null', 'application/json', 'the server answered 404 without a Status: null'],
    'of another kind': ['[1]', 'application/json', 'the server answered 404 without a Status: [1]'],
    'of a page': [
      'x'.repeat(5_000),
      'text/html',
      `the server answered 404 without a Status: ${'x'.repeat(200)}`,
    ],
  };
  it.each(Object.entries(bodies))('of an error, %s, is an ApiError too', async (_, [body, type, message]) => {
    const { server, transport } = await connect();
    server.on('GET /x', (exchange) => exchange.answer(body, 404, { 'content-type': type }));
    await expect(transport.request({ method: 'GET', path: '/x' })).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      reason: '',
      causes: [],
      message,
    });
  });
});

describe('a server that cannot be reached', () => {
  it('is named, with what to check', async () => {
    const { server, transport } = await connect();
    await server.close();
    const failing = transport.request({ method: 'DELETE', path: '/x' });
    await expect(failing).rejects.toThrow(UnreachableError);
    await expect(failing).rejects.toThrow(
      new RegExp(`^the API server ${server.url} cannot be reached: .*ECONNREFUSED.*check that it runs`),
    );
  });

  it('is one that gives no answer in time', async () => {
    const { transport } = await connect();
    await expect(transport.request({ method: 'PUT', path: '/x', body: {}, timeoutMs: 20 })).rejects.toThrow(
      /cannot be reached: no answer in time/,
    );
  });
});

describe('onRequest', () => {
  const samples: { method: Method; code: number; seconds: number }[] = [];
  afterEach(() => void samples.splice(0));

  it('is told of every answer, and of none as code 0', async () => {
    const { server, transport } = await connect({}, { onRequest: (sample) => samples.push(sample) });
    server.on('GET /x', (exchange) => exchange.answer({}));
    server.on('DELETE /x', (exchange) => exchange.refuse(404));
    server.on('PUT /x', (exchange) => exchange.drop());
    for (const method of ['GET', 'DELETE', 'PUT'] as const) {
      await transport.request({ method, path: '/x' }).catch(() => undefined);
    }
    expect(samples.map(({ method, code }) => [method, code])).toEqual([
      ['GET', 200],
      ['DELETE', 404],
      ['PUT', 0],
    ]);
    expect(samples.every(({ seconds }) => seconds >= 0)).toBe(true);
  });
});
