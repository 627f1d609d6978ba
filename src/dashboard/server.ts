import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { drainable } from '../telemetry/drain.ts';
import { listen } from '../telemetry/listen.ts';
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
  /** Told of a connection that could not be accepted. */
  readonly onLost?: (error: Error) => void;
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
  const { host, port, certificates, app, onLost } = options;
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
  const drain = drainable(server);
  await listen(server, {
    host,
    port,
    sentence: (code) =>
      `the dashboard cannot listen on ${host}:${port} (${code}); choose another address or port`,
    ...(onLost && { onLost }),
  });
  return {
    port: (server.address() as AddressInfo).port,
    setCertificates: ({ cert, key }) => tlsServer?.setSecureContext({ cert, key, ...TLS_VERSION }),
    close: () => drain(DRAIN_MS),
  };
}
