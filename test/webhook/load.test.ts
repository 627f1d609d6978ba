import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Certificates } from '../../src/tls/certificates.ts';
import { BodyBuffer } from '../../src/webhook/body-buffer.ts';
import { Load, OverloadedError } from '../../src/webhook/load.ts';
import { SERVER_LIMITS, type ServerLimits } from '../../src/webhook/server.ts';
import { fixture, newCertificates, Webhook } from './harness.ts';

const MIB = 1024 * 1024;
const valid = fixture('daemonset-create');
const review = JSON.stringify(valid);

function head(length: number): string {
  return `POST /mutate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
}
const CHUNKED = head(0).replace('content-length: 0', 'transfer-encoding: chunked');

/** An AdmissionReview of exactly this size. */
function padded(bytes: number): string {
  const length = JSON.stringify({ ...valid, padding: '' }).length;
  return JSON.stringify({ ...valid, padding: 'x'.repeat(bytes - length) });
}

let certificates: Certificates;
let webhook: Webhook;

beforeAll(async () => {
  certificates = await newCertificates();
});
afterEach(() => webhook?.server.close());

async function start(limits: Partial<ServerLimits>): Promise<void> {
  webhook = await Webhook.start(certificates, { limits: { ...SERVER_LIMITS, ...limits } });
}

describe('the buffer of a body', () => {
  const load = (bytesInFlight: number): Load => new Load({ requestsInFlight: 1, bytesInFlight });

  it('gives back what came in, in one piece or in many', () => {
    const text = 'déjà vu 🙂'.repeat(20_000);
    const bytes = Buffer.from(text);
    for (const size of [bytes.length, 65_536, 7_001, 999]) {
      const buffer = new BodyBuffer(load(MIB), MIB);
      for (let at = 0; at < bytes.length; at += size) buffer.append(bytes.subarray(at, at + size));
      expect(buffer.text()).toBe(text);
    }
    expect(new BodyBuffer(load(0), MIB).text()).toBe('');
  });

  it('holds hardly more than the bytes, however small their pieces are', () => {
    const held = load(16 * MIB);
    const buffer = new BodyBuffer(held, 3 * MIB);
    const piece = Buffer.from('x');
    for (let at = 0; at < MIB; at += 1) buffer.append(piece);
    expect(held.heldBytes).toBeLessThanOrEqual(2 * MIB);
    buffer.release();
    buffer.release();
    expect(held.heldBytes).toBe(0);
  });

  it('counts nothing for small bodies, and refuses what there is no room for', () => {
    const held = load(100_000);
    const small = new BodyBuffer(held, MIB);
    for (let at = 0; at < 2; at += 1) small.append(Buffer.alloc(16_384));
    expect(held.heldBytes).toBe(0);
    expect(() => {
      for (let at = 0; at < 20; at += 1) small.append(Buffer.alloc(16_384));
    }).toThrow(OverloadedError);
    small.release();
    expect(held.heldBytes).toBe(0);
  });
});

describe('more than can be taken in hand', () => {
  it('is told at once to come again, over the same connection, which is then answered', async () => {
    await start({ requestsInFlight: 2 });
    const slow = [await webhook.halfSent('/mutate', review), await webhook.halfSent('/mutate', review)];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const busy = await webhook.call('/mutate', { body: review, agent });
    expect([busy.status, busy.headers['retry-after'], busy.body]).toEqual([
      429,
      '1',
      '{"error":"2 requests are in hand; try again in a second"}',
    ]);
    for (const { finish } of slow) expect(await finish()).toMatch(/^HTTP\/1\.1 200 /);
    await webhook.settled();
    const answer = await webhook.call('/mutate', { body: review, agent });
    expect([answer.status, answer.reused]).toEqual([200, true]);
    agent.destroy();
  });

  it('is answered while its body is still being sent, and the rest of that is thrown away', async () => {
    await start({ requestsInFlight: 1 });
    const slow = await webhook.halfSent('/mutate', review);
    const socket = await webhook.socket();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
    socket.write(head(2 * MIB));
    await vi.waitFor(() => expect(text).toMatch(/^HTTP\/1\.1 429 .*retry-after: 1/is));
    await slow.finish();
    await webhook.settled();
    text = '';
    socket.write('x'.repeat(2 * MIB));
    socket.write(head(review.length) + review);
    await vi.waitFor(() => expect(text).toMatch(/^HTTP\/1\.1 200 /));
    socket.destroy();
  });

  it('leaves health checks alone', async () => {
    await start({ requestsInFlight: 1 });
    const slow = await webhook.halfSent('/mutate', review);
    for (const path of ['/healthz', '/readyz']) {
      expect((await webhook.call(path, { method: 'GET' })).status).toBe(200);
    }
    await slow.finish();
  });

  it('in bytes turns large bodies away, and small ones still pass', async () => {
    await start({ bytesInFlight: 0 });
    const large = padded(3 * MIB);
    // One of the largest size always has room; of these two, the second has not.
    const first = await webhook.halfSent('/mutate', large);
    await vi.waitFor(() => expect(webhook.load.heldBytes).toBeGreaterThan(2 * MIB));
    expect((await webhook.call('/mutate', { body: large })).status).toBe(429);
    expect((await webhook.call('/mutate', { body: review })).status).toBe(200);
    expect(await first.finish()).toMatch(/^HTTP\/1\.1 200 /);
    await webhook.settled();
    expect((await webhook.call('/mutate', { body: large })).status).toBe(200);
  });

  it('never takes more than is allowed, whoever vanishes, and serves on', async () => {
    await start({ bytesInFlight: 8 * MIB });
    const body = padded(2 * MIB);
    let most = 0;
    const clients = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const socket = await webhook.socket();
        const client = { socket, text: '' };
        socket.setEncoding('utf8').on('data', (chunk) => (client.text += String(chunk)));
        socket.write(head(body.length));
        socket.write(body.slice(0, MIB));
        return client;
      }),
    );
    const refused = (): typeof clients => clients.filter(({ text }) => text !== '');
    await vi.waitFor(() => {
      most = Math.max(most, webhook.load.heldBytes);
      expect(webhook.load.requests + refused().length).toBe(clients.length);
      expect(refused().length).toBeGreaterThan(20);
    });
    expect(most).toBeLessThanOrEqual(8 * MIB);
    const waiting = clients.filter(({ text }) => text === '');
    for (const { text } of refused()) expect(text).toMatch(/^HTTP\/1\.1 429 /);
    const [stayer, ...leavers] = waiting;
    for (const { socket } of leavers) socket.destroy();
    await vi.waitFor(() => expect(webhook.load.requests).toBe(1));
    stayer?.socket.write(body.slice(MIB));
    await vi.waitFor(() => expect(stayer?.text).toMatch(/^HTTP\/1\.1 200 /));
    await webhook.settled();
    expect((await webhook.call('/mutate', { body })).status).toBe(200);
    for (const { socket } of clients) socket.destroy();
  });

  it('of connections is closed as it comes', async () => {
    await start({ connections: 2 });
    const sockets = [await webhook.socket(), await webhook.socket()];
    await expect(webhook.socket()).rejects.toThrow();
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(async () =>
      expect((await webhook.call('/healthz', { method: 'GET' })).status).toBe(200),
    );
  });
});

/** A reset is an end, too. */
function ended(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.on('error', () => resolve());
  });
}

describe('a connection that takes its time', () => {
  const SHORT = { headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 50 };

  it('is cut off when its body drips, byte by byte', async () => {
    await start(SHORT);
    const { socket: stopped } = await webhook.halfSent('/mutate', review);
    const dripping = await webhook.socket();
    dripping.write(CHUNKED);
    const drip = setInterval(() => dripping.write('1\r\n{\r\n'), 20);
    await Promise.all([ended(stopped), ended(dripping)]);
    clearInterval(drip);
    await webhook.settled();
  });

  it('is cut off when its body goes on after the answer', async () => {
    await start({ ...SHORT, requestsInFlight: 1 });
    await webhook.halfSent('/mutate', review);
    const socket = await webhook.socket();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
    const end = ended(socket);
    socket.write(CHUNKED);
    const drip = setInterval(() => socket.write(`400\r\n${'x'.repeat(1024)}\r\n`), 10);
    await end;
    clearInterval(drip);
    expect(text).toMatch(/^HTTP\/1\.1 429 /);
  });

  it('is cut off when it says nothing', async () => {
    await start(SHORT);
    await ended(await webhook.socket());
  });

  it('is cut off when it asks and asks and never reads the answers', async () => {
    await start({ silenceTimeout: 300 });
    const socket = await webhook.socket();
    socket.pause();
    const request = head(review.length) + review;
    const asking = setInterval(() => {
      if (socket.writableLength < 4 * MIB) socket.write(request.repeat(200));
    }, 1);
    let stuck = 0;
    await vi.waitFor(
      () => {
        stuck = Math.max(stuck, webhook.load.requests);
        expect(stuck > 0 && webhook.load.requests === 0).toBe(true);
      },
      { timeout: 20_000, interval: 5 },
    );
    clearInterval(asking);
    socket.destroy();
  }, 30_000);

  it('is cut off in the middle of its handshake', async () => {
    await start({ handshakeTimeout: 200 });
    const socket = connect(webhook.server.port, '127.0.0.1');
    // A record that announces more than ever comes.
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    await ended(socket);
  });

  it('does not hold up the end in the middle of its handshake', async () => {
    await start({ drainTimeout: 100 });
    const socket = connect(webhook.server.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    await Promise.all([ended(socket), webhook.server.close()]);
  });
});
