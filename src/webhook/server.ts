import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type Express } from 'express';
import type { Logger } from '../telemetry/log.ts';
import type { Certificates } from '../tls/certificates.ts';
import { handleAdmission } from './handler.ts';

export const MUTATE_PATH = '/mutate';
export const VALIDATE_PATH = '/validate';

export type WebhookServerOptions = {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly certificates: Certificates;
  readonly maxBodyBytes: number;
  readonly logger: Logger;
};

export type WebhookServer = {
  readonly port: number;
  /** Serves new connections with these certificates. */
  readonly setCertificates: (certificates: Certificates) => void;
  /** Stops taking connections, and ends when the requests in hand are answered, or after 10 s. */
  readonly close: () => Promise<void>;
};

/** Longer than the 90 s for which the API server keeps idle connections, so that it is the one to close them. */
export const KEEP_ALIVE_TIMEOUT_MS = 120_000;
const DRAIN_MS = 10_000;

/**
 * Serves admission over HTTPS. The admission paths are handled before express, whose routes carry the rest.
 *
 * @throws Error when the port is taken.
 */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const state = { draining: false };
  const app = createApp(state);
  const { cert, key } = options.certificates;
  const server = createServer(
    { cert, key, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] },
    (request, response) => route({ request, response, app, draining: state.draining }, options),
  );
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  // Lets the load of long-lived connections spread over replicas that were added later.
  server.maxRequestsPerSocket = 10_000;
  server.on('tlsClientError', (error) => options.logger.debug({ err: error }, 'TLS handshake failed'));
  await listen(server, options);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    setCertificates: (fresh) =>
      server.setSecureContext({ cert: fresh.cert, key: fresh.key, minVersion: 'TLSv1.2' }),
    close: async () => {
      state.draining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
      server.closeAllConnections();
    },
  };
}

function createApp(state: { readonly draining: boolean }): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_, response) => void response.type('text/plain').send('ok\n'));
  app.get('/readyz', (_, response) => {
    response
      .status(state.draining ? 503 : 200)
      .type('text/plain')
      .send(state.draining ? 'draining\n' : 'ok\n');
  });
  app.use((request, response) => {
    const error = `there is nothing at ${request.path}; try ${MUTATE_PATH}, ${VALIDATE_PATH}, /healthz or /readyz`;
    response.status(404).json({ error });
  });
  return app;
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly app: Express;
  readonly draining: boolean;
};

function route({ request, response, app, draining }: Exchange, options: WebhookServerOptions): void {
  if (draining) response.setHeader('connection', 'close');
  // The API server adds ?timeout=.
  const path = request.url?.split('?', 1)[0];
  if (path === MUTATE_PATH) void handleAdmission('mutate', { request, response }, options);
  else if (path === VALIDATE_PATH) void handleAdmission('validate', { request, response }, options);
  else app(request, response);
}

function listen(server: Server, { host, port }: WebhookServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Error(`port ${port} on ${host} is taken; end what listens there, or choose another --port`)
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
}
