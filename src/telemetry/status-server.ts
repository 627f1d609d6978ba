import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import { BindError } from './bind-error.ts';

export type StatusServerOptions = {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly registry: Registry;
  /** What this process still waits for before it does its work; undefined when it is ready. */
  readonly waitsFor: () => string | undefined;
};

export type StatusServer = { readonly port: number; readonly close: () => Promise<void> };

/**
 * Serves `/metrics`, `/healthz` and `/readyz` over HTTP.
 *
 * @throws BindError when it cannot listen there.
 */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const { host, port } = options;
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, createApp(options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new BindError(
          `--metrics-bind-address: cannot listen on ${host}:${port} (${error.code}); choose another`,
          {
            cause: error,
          },
        ),
      ),
    );
    server.listen({ host, port }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createApp({ registry, waitsFor }: StatusServerOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/metrics', async (_, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  app.get('/healthz', (_, response) => void response.type('text/plain').send('ok\n'));
  app.get('/readyz', (_, response) => {
    const missing = waitsFor();
    response
      .status(missing === undefined ? 200 : 503)
      .type('text/plain')
      .send(missing === undefined ? 'ok\n' : `waiting for ${missing}\n`);
  });
  app.use((_, response) => {
    response.status(404).json({ error: 'there is nothing here; try /metrics, /healthz or /readyz' });
  });
  return app;
}
