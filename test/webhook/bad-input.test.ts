import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Certificates } from '../../src/tls/certificates.ts';
import { type Answer, fixture, newCertificates, Webhook } from './harness.ts';

const MIB = 1024 * 1024;

let certificates: Certificates;
let webhook: Webhook;

beforeAll(async () => {
  certificates = await newCertificates();
  webhook = await Webhook.start(certificates);
});
afterAll(() => webhook.server.close());

// Whatever a test sends: the process lives, and the next request is answered.
afterEach(async () => {
  const { allowed } = await webhook.review('/mutate', fixture('daemonset-create'));
  expect(allowed).toBe(true);
});

const valid = fixture('daemonset-create');

function errorOf({ body, headers }: Answer): string {
  expect(headers['content-type']).toBe('application/json');
  const { error, ...rest } = JSON.parse(body) as { error: string };
  expect(rest).toEqual({});
  expect(error).not.toContain('\n');
  expect(error.length).toBeLessThan(400);
  return error;
}

describe('a body that is no AdmissionReview v1', () => {
  const without = (field: string): object => ({
    ...valid,
    request: { ...valid.request, [field]: undefined },
  });
  const bodies: Record<string, [body: string | object, said: string]> = {
    'is empty': ['', 'the body is empty'],
    'is blank': [' \n', 'the body is empty'],
    'is no JSON': ['kind: AdmissionReview', 'the body is not JSON'],
    'is cut short': [JSON.stringify(valid).slice(0, -20), 'the body is not JSON'],
    'is null': ['null', 'not a JSON object'],
    'is a number': ['1', 'not a JSON object'],
    'is a list': [[valid], 'not a JSON object'],
    'has no kind': [{}, 'kind is missing; send an "AdmissionReview"'],
    'has another kind': [{ ...valid, kind: 'Pod' }, 'kind is "Pod"'],
    'has a kind that is no string': [{ ...valid, kind: [1] }, 'kind is of type object'],
    'has a kind of a megabyte': [{ ...valid, kind: 'x'.repeat(MIB) }, 'kind is "xxx'],
    'has no apiVersion': [{ ...valid, apiVersion: undefined }, 'apiVersion is missing'],
    'is of v1beta1': [
      { ...valid, apiVersion: 'admission.k8s.io/v1beta1' },
      'apiVersion is "admission.k8s.io/v1beta1"; send "admission.k8s.io/v1"',
    ],
    'asks nothing': [{ ...valid, request: undefined }, 'request is missing'],
    'asks null': [{ ...valid, request: null }, 'request is missing'],
    'asks text': [{ ...valid, request: 'please' }, 'request is missing'],
    'has no uid': [without('uid'), 'request.uid is missing'],
    'has an empty uid': [{ ...valid, request: { ...valid.request, uid: '' } }, 'request.uid is missing'],
    'has a uid that is no string': [
      { ...valid, request: { ...valid.request, uid: {} } },
      'request.uid is missing',
    ],
    'has no operation': [without('operation'), 'request.operation is missing'],
    'has no kind of object': [without('kind'), 'request.kind is missing'],
  };

  it.each(Object.entries(bodies))('that %s gets status 400 and one sentence', async (_, [body, said]) => {
    for (const path of ['/mutate', '/validate']) {
      const answer = await webhook.call(path, {
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toContain(said);
    }
  });

  it('is answered, whatever the JSON, by a refusal or by an AdmissionReview with the uid', async () => {
    const agent = new Agent({ keepAlive: true });
    const part = fc.jsonValue({ maxDepth: 3 });
    const request = fc.record(
      {
        uid: fc.constant('u'),
        operation: fc.constantFrom('CREATE', 'UPDATE'),
        kind: fc.constantFrom(
          { group: 'apps', version: 'v1', kind: 'DaemonSet' },
          { group: '', version: 'v1', kind: 'Pod' },
        ),
        object: part,
        oldObject: part,
        subResource: part,
        dryRun: part,
      },
      { requiredKeys: ['uid', 'operation', 'kind'] },
    );
    const review = request.map((asked) => ({ ...valid, request: asked }));
    try {
      await fc.assert(
        fc.asyncProperty(fc.oneof(review, part), async (body) => {
          const answer = await webhook.call('/mutate', { body: JSON.stringify(body), agent });
          if (answer.status === 200) expect(answer.body).toContain('"uid":"u"');
          else expect(errorOf(answer)).not.toBe('');
        }),
        { numRuns: 200 },
      );
    } finally {
      agent.destroy();
    }
    expect(webhook.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('may be nested as deeply as its size allows', async () => {
    const deep = `{"a":`.repeat(200_000) + '1' + '}'.repeat(200_000);
    const body = JSON.stringify(valid).replace('"object":{', `"object":{"deep":${deep},`);
    expect((await webhook.call('/mutate', { body })).status).toBe(200);
  });

  it('cannot reach the prototypes of our objects', async () => {
    const body = JSON.stringify(valid).replace('"object":{', '"object":{"__proto__":{"polluted":1},');
    expect((await webhook.call('/mutate', { body })).status).toBe(200);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('a request that is no POST of JSON', () => {
  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s gets 405 and is told what is allowed', async (method) => {
    const answer = await webhook.call('/mutate', { method });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    expect(errorOf(answer)).toContain(`${method} is not served here`);
  });

  it.each(['text/plain', 'application/yaml', 'application/jsonp', ''])('type %j gets 415', async (type) => {
    const answer = await webhook.call('/validate', {
      headers: { 'content-type': type },
      body: JSON.stringify(valid),
    });
    expect(answer.status).toBe(415);
    expect(errorOf(answer)).toContain('send "application/json"');
  });

  it('accepts JSON with a charset', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await webhook.call('/mutate', { headers, body: JSON.stringify(valid) })).status).toBe(200);
  });

  it.each(['/', '/mutate/', '/metricz', '/..%2fmutate', '/healthz/x'])('gets 404 at %s', async (path) => {
    const answer = await webhook.call(path, { body: JSON.stringify(valid) });
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('try /mutate, /validate, /healthz or /readyz');
  });
});

/** An AdmissionReview of exactly this size. */
function padded(bytes: number): string {
  const length = JSON.stringify({ ...valid, padding: '' }).length;
  return JSON.stringify({ ...valid, padding: 'x'.repeat(bytes - length) });
}

describe('a body that is too large', () => {
  it('is one byte more than 3 MiB: 413, with the limit and the flag that raises it', async () => {
    expect((await webhook.call('/mutate', { body: padded(3 * MIB) })).status).toBe(200);
    const answer = await webhook.call('/mutate', { body: padded(3 * MIB + 1) });
    expect(answer.status).toBe(413);
    expect(errorOf(answer)).toBe(
      'the body is larger than 3145728 bytes; raise --max-body-bytes if objects of that size are wanted',
    );
  });

  it('gets its answer although the client sends on until it is done', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (let at = 0; at < 5; at += 1) {
        expect((await webhook.call('/mutate', { body: 'x'.repeat(12 * MIB), agent })).status).toBe(413);
      }
      // The connection is still good for another one.
      expect((await webhook.call('/mutate', { body: JSON.stringify(valid), agent })).status).toBe(200);
    } finally {
      agent.destroy();
    }
  });

  it('is noticed as well when it comes in chunks without a length', async () => {
    const answer = await webhook.call('/mutate', {
      headers: { 'transfer-encoding': 'chunked' },
      body: 'x'.repeat(4 * MIB),
    });
    expect(answer.status).toBe(413);
  });

  it('is refused before it is sent when a multiple of the limit is announced', async () => {
    const socket = await webhook.socket();
    socket.write(post('/mutate', { 'content-length': String(10 * 1024 * MIB) }));
    const text = await Webhook.untilEnd(socket);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toMatch(/connection: close/i);
  });

  it('is answered when it never ends: beyond a multiple of the limit nothing more is read', async () => {
    const socket = await webhook.socket();
    const ended = Webhook.untilEnd(socket);
    socket.write(post('/mutate', { 'transfer-encoding': 'chunked' }));
    socket.write(`${(25 * MIB).toString(16)}\r\n${'x'.repeat(24 * MIB + 1)}`);
    expect(await ended).toMatch(/^HTTP\/1\.1 413 .*connection: close/is);
  });

  it('is measured by the limit that is configured', async () => {
    const small = await Webhook.start(certificates, { maxBodyBytes: 100 });
    try {
      const answer = await small.call('/mutate', { body: JSON.stringify(valid) });
      expect([answer.status, errorOf(answer)]).toEqual([
        413,
        expect.stringContaining('larger than 100 bytes'),
      ]);
    } finally {
      await small.server.close();
    }
  });
});

function post(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: 'localhost', 'content-type': 'application/json', ...headers });
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

describe('a connection that goes wrong', () => {
  it('says that the body is not complete when it ends before its announced length', async () => {
    const socket = await webhook.socket();
    socket.end(`${post('/mutate', { 'content-length': '1000' })}{"kind":`);
    expect(await Webhook.untilEnd(socket)).toMatch(/^HTTP\/1\.1 400 .*"error":"the request is not complete/s);
  });

  it('survives a client that vanishes in the middle of its body', async () => {
    const socket = await webhook.socket();
    socket.write(`${post('/mutate', { 'content-length': '1000' })}{"kind":`);
    await sleep(50);
    socket.destroy();
    await sleep(50);
  });

  it('survives a client that does not wait for the answer', async () => {
    const body = JSON.stringify(valid);
    const socket = await webhook.socket();
    socket.write(post('/mutate', { 'content-length': String(body.length) }) + body);
    socket.destroy();
    await sleep(50);
  });

  it('answers what is no HTTP with 400', async () => {
    const socket = await webhook.socket();
    socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n');
    const text = await Webhook.untilEnd(socket);
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(text).toContain('{"error":"the request is not complete HTTP/1.1"}');
  });

  it('answers headers over 16 KiB with 431', async () => {
    const answer = await webhook.call('/mutate', { headers: { padding: 'x'.repeat(20_000) } });
    expect([answer.status, errorOf(answer)]).toEqual([431, 'the headers are larger than 16 KiB']);
  });

  it('logs no error for what others did wrong', () => {
    expect(webhook.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
