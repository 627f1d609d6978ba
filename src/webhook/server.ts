import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import { drainable } from '../telemetry/drain.ts';
import { listen } from '../telemetry/listen.ts';
import type { Certificates } from '../tls/certificates.ts';
import { createApp } from './app.ts';
import { type Exchange, type HandlerOptions, handleAdmission } from './handler.ts';
import { Load, type LoadLimits } from './load.ts';
import { MUTATE_PATH, VALIDATE_PATH } from './paths.ts';

export type WebhookServerOptions = HandlerOptions & {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly certificates: Certificates;
  /** After `close`, how long new requests are still answered, until no endpoint leads here. Default 0. */
  readonly shutdownDelayMs?: number;
  readonly limits?: ServerLimits;
};

export type WebhookServer = {
  readonly port: number;
  /** Serves new connections with these certificates. Throws, and keeps the old ones, if they cannot be used. */
  readonly setCertificates: (certificates: Certificates) => void;
  /** What it waits for while it is not ready to answer; undefined when it is. */
  readonly waitsFor: () => string | undefined;
  /**
   * Turns unready and, after the shutdown delay, stops taking connections. Ends when the requests in hand are
   * answered, or at the drain timeout.
   */
  readonly close: () => Promise<void>;
};

const TLS_VERSION = { minVersion: 'TLSv1.2' } as const;

/** The limits of a server; times are in milliseconds. */
export type ServerLimits = LoadLimits & {
  readonly keepAliveTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** How often the two above are looked at. */
  readonly connectionsCheckingInterval: number;
  readonly handshakeTimeout: number;
  /** After so long without a byte, in either direction, a connection with a request in hand is cut off. */
  readonly silenceTimeout: number;
  /** Connections at once; more are closed as they come. */
  readonly connections: number;
  /** How long `close` waits for the requests in hand. */
  readonly drainTimeout: number;
};

export const SERVER_LIMITS: ServerLimits = {
  // Over the 90 s for which the API server keeps idle connections, so that it is the one to close them.
  keepAliveTimeout: 120_000,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
  handshakeTimeout: 10_000,
  silenceTimeout: 30_000,
  drainTimeout: 10_000,
  connections: 2_000,
  requestsInFlight: 1_000,
  bytesInFlight: 32 * 1024 * 1024,
};
/** Lets the load of long-lived connections spread over replicas that were added later. */
const MAX_REQUESTS_PER_CONNECTION = 10_000;

/**
 * Serves admission over HTTPS. The admission paths are handled before express, whose routes carry the rest.
 *
 * @throws BindError when the address cannot be listened on.
 */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { host, port, certificates, logger, shutdownDelayMs = 0, limits = SERVER_LIMITS } = options;
  const readiness = { draining: false };
  // However small the rest is, one body of the largest size always has room.
  const load = new Load({ ...limits, bytesInFlight: Math.max(limits.bytesInFlight, options.maxBodyBytes) });
  options.metrics?.watch(load);
  const app = createApp(readiness);
  const { cert, key } = certificates;
  const server = createServer({ cert, key, ...TLS_VERSION, ...limits }, (request, response) => {
    if (readiness.draining) response.setHeader('connection', 'close');
    load.begin(response);
    route({ request, response, load, readiness }, app, options);
  });
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  server.maxConnections = limits.connections;
  server.timeout = limits.silenceTimeout;
  const drain = drainable(server);
  server.on('tlsClientError', (error) => logger.debug({ err: error }, 'TLS handshake failed'));
  server.on('drop', () => logger.debug({}, 'closed a connection, for there are too many'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    answerMalformed(error, socket as Socket),
  );
  await listen(server, {
    host,
    port,
    sentence: (code) => `port ${port} on ${host} ${whyNot(code)}, or choose another --port`,
    onLost: (error) => logger.error({ err: error }, 'a connection could not be accepted'),
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    setCertificates: (fresh) => server.setSecureContext({ cert: fresh.cert, key: fresh.key, ...TLS_VERSION }),
    waitsFor: () => (readiness.draining ? 'the requests in hand, to stop' : undefined),
    close: async () => {
      readiness.draining = true;
      await sleep(shutdownDelayMs);
      await drain(limits.drainTimeout);
    },
  };
}

function route(exchange: Exchange, app: Express, options: HandlerOptions): void {
  const { request, response } = exchange;
  if (isAt(MUTATE_PATH, request)) void handleAdmission('mutate', exchange, options);
  else if (isAt(VALIDATE_PATH, request)) void handleAdmission('validate', exchange, options);
  else app(request, response);
}

/** Whether the request is for this path; the API server adds ?timeout=. */
function isAt(path: string, { url = '' }: IncomingMessage): boolean {
  return url.startsWith(path) && (url.length === path.length || url[path.length] === '?');
}

/** What arrived is not HTTP, or stopped arriving. Says so in place of an empty reset. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  // Without a finished handshake there is nobody to say it to: what is written then never goes out.
  const isHttp = /^(HPE_|ERR_HTTP_)/.test(error.code ?? '');
  if (!socket.writable || !isHttp) {
    socket.destroy();
    return;
  }
  const [status, sentence] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ['408 Request Timeout', 'the request did not arrive in time']
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? ['431 Request Header Fields Too Large', 'the headers are larger than 16 KiB']
        : ['400 Bad Request', 'the request is not complete HTTP/1.1'];
  const body = JSON.stringify({ error: sentence });
  const headers = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`, () => socket.destroy());
}

function whyNot(code: string | undefined): string {
  return code === 'EADDRINUSE' ? 'is taken; end what listens there' : `cannot be listened on (${code})`;
}
