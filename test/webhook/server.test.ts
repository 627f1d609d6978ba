import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Certificates } from '../../src/tls/certificates.ts';
import { SERVER_LIMITS } from '../../src/webhook/server.ts';
import { fixture, newCertificates, Webhook } from './harness.ts';

let certificates: Certificates;
let webhook: Webhook;

beforeAll(async () => {
  certificates = await newCertificates();
});
afterEach(() => webhook.server.close());

const review = JSON.stringify(fixture('pod-named-by-annotation'));

/** A request that has arrived but for its last byte. */
async function halfSent(): Promise<Awaited<ReturnType<Webhook['socket']>>> {
  const socket = await webhook.socket();
  socket.write(
    `POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${review.length}\r\n\r\n`,
  );
  socket.write(review.slice(0, -1));
  await sleep(50);
  return socket;
}

describe('the connection', () => {
  it('stays open for longer than the 90 s for which the API server keeps it', async () => {
    webhook = await Webhook.start(certificates);
    const answer = await webhook.call('/mutate', { body: review, headers: { connection: 'keep-alive' } });
    const [, seconds] = /timeout=(\d+)/.exec(String(answer.headers['keep-alive'])) ?? [];
    expect(Number(seconds)).toBeGreaterThan(90);
  });

  it('is reused, and ends only after thousands of requests', async () => {
    webhook = await Webhook.start(certificates);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const reused: boolean[] = [];
    for (let at = 0; at < 50; at += 1) {
      const answer = await webhook.call('/mutate', { body: review, agent });
      expect(answer.headers['keep-alive']).toContain('max=10000');
      reused.push(answer.reused);
    }
    agent.destroy();
    expect(reused).toEqual([false, ...Array.from({ length: 49 }, () => true)]);
  });

  it('bounds the time that a slow client may take', () => {
    expect(SERVER_LIMITS.headersTimeout).toBeLessThanOrEqual(10_000);
    expect(SERVER_LIMITS.requestTimeout).toBeLessThanOrEqual(15_000);
    expect(SERVER_LIMITS.handshakeTimeout).toBeLessThanOrEqual(10_000);
    expect(SERVER_LIMITS.connectionsCheckingInterval).toBeLessThanOrEqual(5_000);
  });

  it('answers 408 to a client that never finishes its headers, however it drips', async () => {
    webhook = await Webhook.start(certificates, {
      limits: { ...SERVER_LIMITS, headersTimeout: 300, connectionsCheckingInterval: 100 },
    });
    const socket = await webhook.socket();
    const drip = setInterval(() => socket.write('x'), 50);
    socket.write('POST /mutate HTTP/1.1\r\nslow: ');
    const text = await Webhook.untilEnd(socket);
    clearInterval(drip);
    expect(text).toMatch(/^HTTP\/1\.1 408 .*"error":"the request did not arrive in time"/s);
  });

  it('gives up a client that never finishes its body, however it drips', async () => {
    webhook = await Webhook.start(certificates, {
      limits: {
        ...SERVER_LIMITS,
        headersTimeout: 200,
        requestTimeout: 300,
        connectionsCheckingInterval: 100,
      },
    });
    const socket = await halfSent();
    const text = await Webhook.untilEnd(socket);
    expect(text).toMatch(/^HTTP\/1\.1 (400|408) /);
  });

  it('speaks TLS 1.2 and 1.3, nothing older, and HTTP/1.1', async () => {
    webhook = await Webhook.start(certificates);
    const protocol = (options: object): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(
          {
            host: '127.0.0.1',
            port: webhook.server.port,
            ca: certificates.ca,
            servername: 'localhost',
            ...options,
          },
          () => {
            resolve(`${socket.getProtocol()} ${String(socket.alpnProtocol)}`);
            socket.destroy();
          },
        );
        socket.on('error', reject);
      });
    expect(await protocol({ ALPNProtocols: ['h2', 'http/1.1'] })).toBe('TLSv1.3 http/1.1');
    expect(await protocol({ maxVersion: 'TLSv1.2' })).toBe('TLSv1.2 false');
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
    await expect(protocol(old)).rejects.toThrow(/alert protocol version|unsupported protocol/);
  });

  it('survives a client that speaks no TLS', async () => {
    webhook = await Webhook.start(certificates);
    const socket = connectPlain(webhook.server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve));
    expect((await webhook.call('/healthz', { method: 'GET' })).status).toBe(200);
  });
});

function served(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.fingerprint256;
}

describe('new certificates', () => {
  it('are shown to new connections at once, while old ones go on', async () => {
    webhook = await Webhook.start(certificates);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await webhook.call('/mutate', { body: review, agent })).status).toBe(200);
    const fresh = await newCertificates();
    webhook.server.setCertificates(fresh);
    expect((await webhook.call('/mutate', { body: review, agent })).status).toBe(200);
    agent.destroy();
    await expect(webhook.socket()).rejects.toThrow(/unable to verify|signature/);
    const socket = connect({
      host: '127.0.0.1',
      port: webhook.server.port,
      ca: fresh.ca,
      servername: 'localhost',
    });
    await new Promise((resolve, reject) =>
      socket.once('secureConnect', () => resolve(undefined)).once('error', reject),
    );
    expect(served(socket)).toBe(new X509Certificate(fresh.cert).fingerprint256);
    socket.destroy();
  });

  it('are not taken when they are unusable: the old ones stay', async () => {
    webhook = await Webhook.start(certificates);
    const { key } = await newCertificates();
    expect(() => webhook.server.setCertificates({ ...certificates, key })).toThrow(/key values mismatch/);
    const socket = await webhook.socket();
    expect(served(socket)).toBe(new X509Certificate(certificates.cert).fingerprint256);
    socket.destroy();
  });
});

describe('health', () => {
  it('is told at /healthz and /readyz', async () => {
    webhook = await Webhook.start(certificates);
    for (const path of ['/healthz', '/readyz']) {
      const { status, body, headers } = await webhook.call(path, { method: 'GET' });
      expect([status, body]).toEqual([200, 'ok\n']);
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });
});

describe('closing', () => {
  it('answers the request in hand, ends its connection, and takes no other', async () => {
    webhook = await Webhook.start(certificates);
    const socket = await halfSent();
    const answered = Webhook.untilEnd(socket);
    const closed = webhook.server.close();
    await sleep(50);
    await expect(webhook.call('/healthz', { method: 'GET' })).rejects.toThrow(/ECONNREFUSED/);
    socket.write(review.slice(-1));
    const text = await answered;
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toMatch(/connection: close/i);
    expect(text).toContain('"patchType":"JSONPatch"');
    await closed;
  });

  it('ends idle connections at once', async () => {
    webhook = await Webhook.start(certificates);
    const agent = new Agent({ keepAlive: true });
    await webhook.call('/mutate', { body: review, agent });
    const started = Date.now();
    await webhook.server.close();
    expect(Date.now() - started).toBeLessThan(2_000);
    agent.destroy();
  });

  it('does not wait for ever for a request that never ends', async () => {
    webhook = await Webhook.start(certificates, { limits: { ...SERVER_LIMITS, drainTimeout: 300 } });
    const socket = await halfSent();
    const ended = Webhook.untilEnd(socket);
    const started = Date.now();
    await webhook.server.close();
    await ended;
    expect(Date.now() - started).toBeGreaterThan(250);
    expect(Date.now() - started).toBeLessThan(3_000);
  });

  it('is unready but still answers during the shutdown delay, asking clients to go elsewhere', async () => {
    webhook = await Webhook.start(certificates, { shutdownDelayMs: 500 });
    const closed = webhook.server.close();
    const { status, body, headers } = await webhook.call('/readyz', { method: 'GET' });
    expect([status, body, headers.connection]).toEqual([503, 'draining\n', 'close']);
    const answer = await webhook.call('/mutate', { body: review, headers: { connection: 'keep-alive' } });
    expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
    expect((await webhook.call('/healthz', { method: 'GET' })).status).toBe(200);
    await closed;
    await expect(webhook.call('/readyz', { method: 'GET' })).rejects.toThrow(/ECONNREFUSED/);
  });

  it('may be asked for twice', async () => {
    webhook = await Webhook.start(certificates);
    await Promise.all([webhook.server.close(), webhook.server.close()]);
  });
});

describe('starting', () => {
  it('says what to do when the port is taken', async () => {
    webhook = await Webhook.start(certificates);
    const { port } = webhook.server;
    await expect(Webhook.start(certificates, { port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken; end what listens there, or choose another --port`,
    );
  });

  it('says so when the address is not of this machine', async () => {
    webhook = await Webhook.start(certificates);
    await expect(Webhook.start(certificates, { host: '192.0.2.1' })).rejects.toThrow(
      /cannot be listened on \(E/,
    );
  });
});
