import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import { BindError } from '../telemetry/bind-error.ts';
import type { Certificates } from '../tls/certificates.ts';
import { createApp } from './app.ts';
import { type HandlerOptions, handleAdmission } from './handler.ts';
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
  /**
   * Turns unready and, after the shutdown delay, stops taking connections. Ends when the requests in hand are
   * answered, or at the drain timeout.
   */
  readonly close: () => Promise<void>;
};

const TLS_VERSION = { minVersion: 'TLSv1.2' } as const;

/** The time limits of a server, in milliseconds. */
export type ServerLimits = {
  readonly keepAliveTimeout: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** How often the two above are looked at. */
  readonly connectionsCheckingInterval: number;
  readonly handshakeTimeout: number;
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
  drainTimeout: 10_000,
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
  const open = new Set<ServerResponse>();
  const app = createApp(readiness);
  const { cert, key } = certificates;
  const server = createServer({ cert, key, ...TLS_VERSION, ...limits }, (request, response) => {
    if (readiness.draining) response.setHeader('connection', 'close');
    open.add(response);
    response.once('close', () => open.delete(response));
    route({ request, response, app }, options);
  });
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  server.on('tlsClientError', (error) => logger.debug({ err: error }, 'TLS handshake failed'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    answerMalformed(error, socket as Socket),
  );
  await listen(server, { host, port });
  // Such as too many open files: the next connection may succeed again.
  server.on('error', (error) => logger.error({ err: error }, 'a connection could not be accepted'));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    setCertificates: (fresh) => server.setSecureContext({ cert: fresh.cert, key: fresh.key, ...TLS_VERSION }),
    close: async () => {
      readiness.draining = true;
      await sleep(shutdownDelayMs);
      await drain(server, open, limits.drainTimeout);
    },
  };
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly app: Express;
};

function route({ request, response, app }: Exchange, options: HandlerOptions): void {
  // The API server adds ?timeout=.
  const path = request.url?.split('?', 1)[0];
  if (path === MUTATE_PATH) void handleAdmission('mutate', { request, response }, options);
  else if (path === VALIDATE_PATH) void handleAdmission('validate', { request, response }, options);
  else app(request, response);
}

/** What arrived is not HTTP, or stopped arriving. Says so in place of an empty reset. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
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

async function drain(server: Server, open: ReadonlySet<ServerResponse>, timeout: number): Promise<void> {
  for (const response of open) {
    if (!response.headersSent) response.setHeader('connection', 'close');
  }
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await Promise.race([closed, sleep(timeout, undefined, { ref: false })]);
  server.closeAllConnections();
  await closed;
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const taken = error.code === 'EADDRINUSE';
      const reason = taken ? 'is taken; end what listens there' : `cannot be listened on (${error.code})`;
      reject(new BindError(`port ${port} on ${host} ${reason}, or choose another --port`, { cause: error }));
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}
