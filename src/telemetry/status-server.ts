import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import { routeHealth } from './health.ts';
import { listen } from './listen.ts';

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
  await listen(server, {
    host,
    port,
    sentence: (code) => `--metrics-bind-address: cannot listen on ${host}:${port} (${code}); choose another`,
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
  routeHealth(app, waitsFor);
  app.use((_, response) => {
    response.status(404).json({ error: 'there is nothing here; try /metrics, /healthz or /readyz' });
  });
  return app;
}
