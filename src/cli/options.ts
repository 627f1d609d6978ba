import { hostname } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import type { Placement } from '../core/placement/placement.ts';

export const DEFAULT_NAMESPACE = 'everynode-system';
export const DEFAULT_LEASE_NAME = 'everynode-sync';
export const DEFAULT_CONFIGURATION_NAME = 'everynode';

/** Options of every command that talks to a cluster. */
export type ClusterFlags = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly logLevel: string;
};

/** Options of every command that runs on. */
export type ServingFlags = ClusterFlags & {
  /** File of an AdmissionConfiguration. */
  readonly config?: string;
  readonly metricsBindAddress: BindAddress | undefined;
};

/** Options of `sync`, also under `serve`. */
export type SyncFlags = ServingFlags & {
  readonly mode: 'own' | 'assist' | 'auto';
  readonly namespace: string;
  readonly leaseName: string;
  readonly identity: string;
  readonly concurrentSyncs: number;
  readonly probeTimeout: number;
  readonly placement: Placement;
  readonly strictUpstream: boolean;
};

export type BindAddress = {
  /** Empty for every address of this machine, of IPv6 too where there is any. */
  readonly host: string;
  readonly port: number;
};

/** Options of `webhook`, also under `serve`. */
export type WebhookFlags = ServingFlags & {
  readonly host: string;
  readonly port: number;
  readonly certDir: string;
  /** `NAMESPACE/NAME`; instead of the folder. */
  readonly certSecret?: string;
  readonly service?: string;
  readonly url?: string;
  readonly register: 'all' | 'ca-bundle' | 'none';
  readonly configurationName: string;
  readonly unregister: boolean;
  readonly failurePolicy: 'Ignore' | 'Fail';
  readonly maxBodyBytes: number;
  /** In seconds. */
  readonly shutdownDelay: number;
};

/** Options of `dashboard`, also under `serve`. */
export type DashboardFlags = ServingFlags & {
  /** As the sync loop has it, so that both say the same. */
  readonly strictUpstream?: boolean;
  readonly dashboardBindAddress: BindAddress;
  readonly dashboardCertDir?: string;
};

/** Which cluster. */
export const clusterOptions = (): Option[] => [
  new Option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, ~/.kube/config, in-cluster)'),
  new Option('--context <name>', 'context of the kubeconfig'),
];

export const logLevelOption = (): Option =>
  new Option('--log-level <level>', 'what is logged to stderr')
    .choices(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .env('EVERYNODE_LOG_LEVEL');

export const servingOptions = (): Option[] => [
  ...clusterOptions(),
  logLevelOption(),
  new Option(
    '--config <file>',
    'AdmissionConfiguration: levels of rules, limits, extra tolerations (the sync loop needs only these)',
  ).env('EVERYNODE_CONFIG'),
  new Option(
    '--metrics-bind-address <address>',
    'where /metrics, /healthz and /readyz are served: [HOST]:PORT, or 0 for nowhere',
  )
    .default(undefined, '0')
    .argParser(bindAddress)
    .env('EVERYNODE_METRICS_BIND_ADDRESS'),
];

export const syncOptions = (): Option[] => [
  new Option('--mode <mode>', 'who makes the pods: own, assist (somebody else does), auto (a probe decides)')
    .choices(['own', 'assist', 'auto'])
    .default('auto')
    .env('EVERYNODE_MODE'),
  new Option('--namespace <name>', 'namespace of the Lease and of the probe')
    .default(DEFAULT_NAMESPACE)
    .env('EVERYNODE_NAMESPACE'),
  new Option('--lease-name <name>', 'Lease that the replicas compete for').default(DEFAULT_LEASE_NAME),
  new Option('--identity <name>', 'name of this replica in the Lease')
    .default(`${hostname()}_${crypto.randomUUID()}`, 'host name and a random id')
    .env('EVERYNODE_IDENTITY'),
  new Option('--concurrent-syncs <n>', 'DaemonSets synced at the same time')
    .default(8)
    .argParser(wholeNumber(1)),
  new Option(
    '--placement <placement>',
    'how pods get to their nodes, where the annotation everynode.dev/placement does not say: by the scheduler, or direct, with spec.nodeName',
  )
    .choices(['scheduler', 'direct'])
    .default('scheduler'),
  strictUpstreamOption(
    'do nothing that the built-in controller does not: no status conditions, no node passed over',
  ),
  new Option('--probe-timeout <seconds>', 'how long another controller gets to answer the probe')
    .default(5)
    .argParser(wholeNumber(1)),
];

export const webhookOptions = (): Option[] => [
  new Option('--host <address>', 'address to listen on').default('127.0.0.1'),
  new Option('--port <port>', 'port to listen on; 0 picks a free one')
    .default(9443)
    .argParser(wholeNumber(0, 65_535)),
  new Option(
    '--cert-dir <dir>',
    'folder of tls.crt, tls.key, ca.crt; made when missing, reloaded when changed',
  )
    .default('certs')
    .env('EVERYNODE_CERT_DIR'),
  new Option(
    '--cert-secret <namespace/name>',
    'Secret that all replicas share: made, rotated, reloaded (instead of --cert-dir)',
  ).conflicts('certDir'),
  new Option('--service <namespace/name[:port]>', 'Service by which the API server reaches this webhook'),
  new Option('--url <url>', 'URL by which it does (default: https://HOST:PORT)').conflicts('service'),
  new Option(
    '--register <what>',
    'what is written of the two WebhookConfigurations: all, the ca-bundle of those that exist, or none',
  )
    .choices(['all', 'ca-bundle', 'none'])
    .default('all'),
  new Option('--configuration-name <name>', 'name of the two WebhookConfigurations').default(
    DEFAULT_CONFIGURATION_NAME,
  ),
  new Option(
    '--unregister',
    'delete the two WebhookConfigurations at exit, where all of them is ours',
  ).default(false),
  new Option('--failure-policy <policy>', 'what the API server does while no webhook answers')
    .choices(['Ignore', 'Fail'])
    .default('Ignore'),
  new Option('--max-body-bytes <n>', 'largest AdmissionReview that is read')
    .default(8 * 1024 * 1024, '8 MiB')
    .argParser(wholeNumber(1024)),
  new Option(
    '--shutdown-delay <seconds>',
    'how long requests are still taken after SIGTERM, unready, until no endpoint leads here',
  )
    .default(0)
    .argParser(wholeNumber(0, 300)),
];

export const strictUpstreamOption = (description: string): Option =>
  new Option('--strict-upstream', description).default(false);

/** @param address where it listens unless told otherwise; undefined: nowhere. */
export const dashboardOptions = (address: string | undefined): Option[] => [
  new Option(
    '--dashboard-bind-address <address>',
    'where the dashboard is served: [HOST]:PORT; plain HTTP on loopback only',
  )
    .default(address && bindAddress(address), address ?? 'nowhere')
    .argParser(bindAddress)
    .env('EVERYNODE_DASHBOARD_BIND_ADDRESS'),
  new Option(
    '--dashboard-cert-dir <dir>',
    'folder of tls.crt and tls.key for the dashboard; made when missing, reloaded when changed',
  ).env('EVERYNODE_DASHBOARD_CERT_DIR'),
];

/** Parses `HOST:PORT`, `:PORT` for all addresses, or `0` for none. */
export function bindAddress(text: string): BindAddress | undefined {
  if (text === '0') return undefined;
  const [, host = '', digits = ''] = /^(\[[0-9a-f:.]+\]|[^:[\]]*):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) {
    throw new InvalidArgumentError('Expected HOST:PORT, :PORT, [IPv6]:PORT, or 0.');
  }
  return { host: host.replace(/^\[|\]$/g, ''), port };
}

/** Parses a whole number between the bounds, or explains what is expected. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`Expected a whole number ${range}.`);
  };
}
