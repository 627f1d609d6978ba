import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import { BindError } from '../telemetry/bind-error.ts';
import type { Certificates } from '../tls/verify.ts';

export type DashboardServerOptions = {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly certificates?: Certificates;
  readonly app: Express;
  readonly handshakeTimeoutMs?: number;
  readonly silenceTimeoutMs?: number;
};

export type DashboardServer = {
  readonly port: number;
  /** Serves new connections with these. Throws, and keeps the old ones, if they cannot be used. */
  readonly setCertificates: (certificates: Certificates) => void;
  readonly close: () => Promise<void>;
};

const TLS_VERSION = { minVersion: 'TLSv1.2' } as const;
/** Times in milliseconds. Of the request alone: an answer may last. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2_000 };
const HANDSHAKE_TIMEOUT_MS = 10_000;
/**
 * After so long without a byte, in either direction, a connection is cut off. Streams send a sign of life more often, and
 * no answer takes as long.
 */
const SILENCE_TIMEOUT_MS = 45_000;
const MOST_CONNECTIONS = 1_000;
/** How long the requests in hand have when it closes. */
const DRAIN_MS = 1_000;

/**
 * Listens for browsers.
 *
 * @throws BindError when the address cannot be listened on.
 */
export async function startDashboardServer(options: DashboardServerOptions): Promise<DashboardServer> {
  const { host, port, certificates, app } = options;
  const tlsServer =
    certificates &&
    createTlsServer(
      {
        ...LIMITS,
        ...TLS_VERSION,
        handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
        cert: certificates.cert,
        key: certificates.key,
      },
      app,
    );
  const server: Server = tlsServer ?? createPlainServer(LIMITS, app);
  server.timeout = options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS;
  server.maxConnections = MOST_CONNECTIONS;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    setCertificates: ({ cert, key }) => tlsServer?.setSecureContext({ cert, key, ...TLS_VERSION }),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(
        new BindError(
          `--dashboard-bind-address: cannot listen on ${host}:${port} (${error.code}); choose another`,
          { cause: error },
        ),
      );
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}
