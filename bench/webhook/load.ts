import { connect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { podReview } from './review.ts';

/** What the load is to be. */
export type LoadOrder = {
  readonly port: number;
  readonly caFile: string;
  readonly path: string;
  readonly connections: number;
  /** Of each AdmissionReview. */
  readonly bytes: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
};

/** What came of it. */
export type LoadResult = {
  readonly seconds: number;
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds from the first byte sent to the last received. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly most: number };
};

/** Written at once; larger bodies go out as the socket takes them, so that this process does not hold them all. */
const PIECE = 64 * 1024;

/**
 * Sends the same AdmissionReview over so many connections, each waiting for its answer before it sends again. It
 * writes and reads the bytes itself: an HTTP client would cost more than the servers.
 */
export async function load(order: LoadOrder): Promise<LoadResult> {
  const request = requestOf(order);
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => open(order)));
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  const began = performance.now() + order.warmUpSeconds * 1000;
  const end = began + order.seconds * 1000;
  const ask = async (socket: TLSSocket): Promise<void> => {
    const answers = new Answers(socket);
    for (;;) {
      const started = performance.now();
      if (started >= end) break;
      const answer = answers.next();
      await send(socket, request);
      const status = await answer;
      if (started < began) continue;
      statuses[status] = (statuses[status] ?? 0) + 1;
      latencies.push(performance.now() - started);
    }
    socket.destroy();
  };
  await Promise.all(sockets.map(ask));
  const seconds = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (q: number): number => latencies[Math.ceil(q * latencies.length) - 1] ?? 0;
  return { seconds, statuses, latency: { p50: at(0.5), p99: at(0.99), most: at(1) } };
}

function requestOf({ path, bytes }: LoadOrder): Buffer {
  const body = podReview(bytes);
  return Buffer.from(
    `POST ${path}?timeout=10s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: kube-apiserver-admission\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nAccept: application/json, */*\r\n` +
      `Content-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n${body}`,
  );
}

async function open({ port, caFile }: LoadOrder): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(caFile), servername: 'localhost' });
  await once(socket, 'secureConnect');
  return socket;
}

async function send(socket: TLSSocket, request: Buffer): Promise<void> {
  for (let at = 0; at < request.length; at += PIECE) {
    const taken = socket.write(request.subarray(at, at + PIECE));
    if (!taken && request.length > PIECE) await once(socket, 'drain');
  }
}

/** Reads the answers off a connection, one after the other. */
class Answers {
  #pending: Buffer = Buffer.alloc(0);
  #resolve: ((status: string) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;

  constructor(socket: TLSSocket) {
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', (error) => this.#reject?.(error));
    socket.on('close', () => this.#reject?.(new Error('the server closed a connection')));
  }

  next(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      // It may have come before the whole request was out.
      this.#settle();
    });
  }

  #take(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#settle();
  }

  #settle(): void {
    const head = this.#pending.indexOf('\r\n\r\n');
    if (head < 0 || this.#resolve === undefined) return;
    const headers = this.#pending.toString('latin1', 0, head);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(headers)?.[1]);
    const end = head + 4 + length;
    if (!(this.#pending.length >= end)) return;
    this.#pending = this.#pending.subarray(end);
    this.#resolve(headers.slice(9, 12));
    this.#resolve = undefined;
  }
}
