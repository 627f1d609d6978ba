import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export type Status = {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: object;
};

/** A request as it came over the wire, and the ways to answer it. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Number of the TCP connection that it came over, from 1. */
  readonly connection: number;
  /** Resolves when the client has the whole answer, or has let go of it. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, body: string, connection: number, response: ServerResponse) {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    this.method = request.method ?? '';
    this.path = url.pathname;
    this.query = Object.fromEntries(url.searchParams);
    this.headers = request.headers;
    this.body = body;
    this.connection = connection;
    this.#response = response;
    this.closed = new Promise((resolve) => response.once('close', resolve));
  }

  /** `METHOD /path`, without the query. */
  get route(): string {
    return `${this.method} ${this.path}`;
  }

  get json(): unknown {
    return JSON.parse(this.body);
  }

  /** Answers; a string goes out as it is. */
  answer(body: unknown, code = 200, headers: Readonly<Record<string, string>> = {}): void {
    this.#response.writeHead(code, { 'content-type': 'application/json', ...headers });
    this.#response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  refuse(code: number, status: Status = {}, headers: Readonly<Record<string, string>> = {}): void {
    this.answer({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...status }, code, headers);
  }

  /** Begins or goes on with a long answer; each piece is a chunk of its own. */
  write(...chunks: readonly (string | Uint8Array)[]): void {
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, { 'content-type': 'application/json' });
      this.#response.flushHeaders();
    }
    for (const chunk of chunks) this.#response.write(chunk);
  }

  /** Events of a watch. */
  send(...events: readonly object[]): void {
    this.write(...events.map((event) => `${JSON.stringify(event)}\n`));
  }

  end(): void {
    this.#response.end();
  }

  /** Cuts the connection. */
  drop(): void {
    this.#response.socket?.destroy();
  }
}

export type Answer = (exchange: Exchange) => void;

/**
 * Plays an API server at the wire, on a free port of 127.0.0.1. What no route answers waits for the test to take
 * it with `next` and to answer it by hand.
 */
export class FakeApiServer {
  /** All requests, as they came. */
  readonly requests: Exchange[] = [];
  readonly url: string;
  readonly #close: () => Promise<void>;
  readonly #routes = new Map<string, Answer>();
  #otherwise: Answer | undefined;
  readonly #untaken: Exchange[] = [];
  readonly #takers: Answer[] = [];
  readonly #numbers = new Map<Socket, number>();

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<FakeApiServer> {
    const handle: RequestListener = (request, response) => {
      void text(request).then(
        (body) => fake.#take(request, body, response),
        () => response.destroy(),
      );
    };
    const server = tls ? createTlsServer(tls, handle) : createServer(handle);
    server.keepAliveTimeout = 0;
    const sockets = new Set<Socket>();
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => sockets.add(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const fake = new FakeApiServer(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    });
    return fake;
  }

  /** How many TCP connections have carried a request. */
  get connections(): number {
    return this.#numbers.size;
  }

  /** Answers every request to `METHOD /path` from now on. */
  on(route: string, answer: Answer): void {
    this.#routes.set(route, answer);
  }

  /** Answers every request that no route answers from now on. */
  otherwise(answer: Answer): void {
    this.#otherwise = answer;
  }

  /** The next request that nobody has answered; waits for it. */
  next(): Promise<Exchange> {
    const exchange = this.#untaken.shift();
    return exchange ? Promise.resolve(exchange) : new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Cuts all connections and stops listening. */
  close(): Promise<void> {
    return this.#close();
  }

  #take(request: IncomingMessage, body: string, response: ServerResponse): void {
    const connection = this.#numbers.get(request.socket) ?? this.#numbers.size + 1;
    this.#numbers.set(request.socket, connection);
    const exchange = new Exchange(request, body, connection, response);
    this.requests.push(exchange);
    const answer = this.#routes.get(exchange.route) ?? this.#otherwise ?? this.#takers.shift();
    if (answer) answer(exchange);
    else this.#untaken.push(exchange);
  }
}
