import { randomBytes } from 'node:crypto';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { ClusterCaches } from '../cache/cluster-caches.ts';
import type { Policy } from '../core/policy.ts';
import { type Dashboard, startDashboard } from '../dashboard/start-dashboard.ts';
import type { WatchedConnection } from '../dashboard/watched-connection.ts';
import type { Client } from '../kube/client.ts';
import type { Logger } from '../telemetry/log.ts';
import { directorySource } from '../tls/directory-source.ts';
import { UsageError } from './exit-codes.ts';
import type { DashboardFlags } from './options.ts';
import { version } from './version.ts';

export type DashboardShell = {
  readonly client: Client;
  readonly logger: Logger;
  /** URL of the API server. */
  readonly server: string;
  readonly cluster: ClusterCaches;
  readonly connection: WatchedConnection;
  readonly policy: Policy;
  /** Of which nothing is said. */
  readonly rulesOff?: ReadonlySet<string>;
  /** Where the page is; absent: where it was built. */
  readonly pageFolder?: string;
};

/** The dashboard, and where people find it. */
export type ServedDashboard = Dashboard & {
  /** With the key that signs in, where there is one: not for logs. */
  readonly link: string;
};

type Flags = Pick<DashboardFlags, 'dashboardBindAddress' | 'dashboardCertDir'>;

/**
 * Serves the dashboard. On loopback it has a link that signs in whoever started it; a key that goes over a network
 * would be one more secret to keep.
 *
 * @throws UsageError, BindError, CertificateError, PageMissingError
 */
export async function serveDashboard(
  { dashboardBindAddress: { host, port }, dashboardCertDir: certDir }: Flags,
  { server, ...shell }: DashboardShell,
): Promise<ServedDashboard> {
  const isLocal = isLoopback(host);
  if (!isLocal && certDir === undefined) {
    throw new UsageError(
      `--dashboard-bind-address: ${host || 'every address'} can be reached from other machines, and without TLS a token could be read on its ` +
        'way; give --dashboard-cert-dir DIR (certificates are made there if there are none), or an address such as 127.0.0.1:9080',
    );
  }
  const key = isLocal ? randomBytes(32).toString('base64url') : undefined;
  const dashboard = await startDashboard({
    ...shell,
    host,
    port,
    ...(certDir !== undefined && {
      certificates: directorySource(certDir, namesFor(host), shell.logger, 'browsers'),
    }),
    ...(key !== undefined && { key }),
    about: { version: version(), cluster: server },
  });
  const scheme = certDir === undefined ? 'http' : 'https';
  const address = `${scheme}://${nameInLink(host)}:${dashboard.port}/`;
  shell.logger.info({ host, port: dashboard.port }, 'serving the dashboard');
  return { ...dashboard, link: key === undefined ? address : `${address}#key=${key}` };
}

/** Whether only this machine gets there. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Whether every address of this machine leads there. */
function isAny(host: string): boolean {
  return ['', '::', '0.0.0.0'].includes(host);
}

/** What browsers on other machines can open, and our certificate is made out for. */
export function nameInLink(host: string): string {
  if (isAny(host)) return hostname();
  return isIPv6(host) ? `[${host}]` : host;
}

/** Of a certificate that we make. */
function namesFor(host: string): {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
} {
  const isAddress = isIP(host) !== 0;
  return {
    dnsNames: [...new Set(['localhost', hostname(), ...(isAddress || isAny(host) ? [] : [host])])],
    ipAddresses: [...new Set(['127.0.0.1', '::1', ...(isAddress && !isAny(host) ? [host] : [])])],
  };
}
