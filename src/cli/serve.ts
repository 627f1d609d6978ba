import type { ClusterCaches } from '../cache/cluster-caches.ts';
import { type AdmissionSettings, rulesOff } from '../core/admission/settings.ts';
import { DEFAULT_POLICY, type Policy, UPSTREAM_POLICY } from '../core/policy.ts';
import type { Client } from '../kube/client.ts';
import type { SyncOptions } from '../syncloop/run.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { admissionSettings } from './admission-settings.ts';
import { connect } from './connect.ts';
import { EXIT } from './exit-codes.ts';
import type { DashboardFlags, ServingFlags, SyncFlags, WebhookFlags } from './options.ts';
import type { RunningWebhook } from './start-webhook.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** What a long-running command does: some of the sync loop, the webhook and the dashboard. */
export type ServeFlags = {
  readonly sync?: SyncFlags;
  readonly webhook?: WebhookFlags;
  readonly dashboard?: DashboardFlags;
};

/** Runs what the flags ask for until the signal ends it. Returns the exit code. */
export async function serve(flags: ServeFlags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const common = flags.sync ?? flags.webhook ?? flags.dashboard;
  if (!common) return EXIT.usage;
  const settings = await admissionSettings(common);
  const { createMetrics } = await import('../telemetry/metrics.ts');
  const logger = createLogger({ level: common.logLevel });
  const metrics = createMetrics(version());
  const { client, transport, server } = await connect(common, terminal, { logger, metrics });
  logger.info({ server }, 'connected');
  const shell = { client, logger, metrics, server, settings, terminal, readiness: createReadiness() };
  try {
    const status = await statusServerFor(common, shell);
    try {
      await serveAll(flags, shell, signal);
    } finally {
      await status?.close();
    }
  } finally {
    await transport.close();
  }
  return EXIT.ok;
}

async function serveAll(flags: ServeFlags, shell: Shell, signal: AbortSignal): Promise<void> {
  const dashboard = flags.dashboard && (await dashboardFor(flags.dashboard, flags.sync, shell));
  try {
    const webhook = flags.webhook && (await webhookFor(flags.webhook, shell, dashboard?.cluster));
    try {
      if (flags.sync) await syncUntil(flags.sync, shell, signal);
      else await aborted(signal);
    } finally {
      await webhook?.stop();
    }
  } finally {
    await dashboard?.stop();
  }
}

/** Also for a signal that came while everything was being started. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** What of this process is not ready, by part. */
type Readiness = {
  readonly add: (waitsFor: () => string | undefined) => void;
  readonly waitsFor: () => string | undefined;
};

function createReadiness(): Readiness {
  const parts: (() => string | undefined)[] = [];
  return {
    add: (waitsFor) => void parts.push(waitsFor),
    waitsFor: () => parts.map((part) => part()).find((missing) => missing !== undefined),
  };
}

type Shell = {
  readonly client: Client;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** URL of the API server. */
  readonly server: string;
  /** Read once: all parts of a process go by the same. */
  readonly settings: AdmissionSettings;
  readonly terminal: Terminal;
};

/** What is followed for the dashboard, for others to share. */
type FollowedCluster = { readonly cluster: ClusterCaches; readonly stop: () => Promise<void> };

async function dashboardFor(
  flags: DashboardFlags,
  sync: SyncFlags | undefined,
  { client, logger, readiness, server, settings, terminal }: Shell,
): Promise<FollowedCluster> {
  const { followForDashboard } = await import('./follow-for-dashboard.ts');
  const { serveDashboard } = await import('./serve-dashboard.ts');
  const followed = followForDashboard(client, logger);
  try {
    const dashboard = await serveDashboard(flags, {
      client,
      logger,
      server,
      policy: policyFor(sync ?? flags, settings),
      rulesOff: rulesOff(settings),
      ...followed,
    });
    readiness.add(dashboard.waitsFor);
    terminal.stdout.write(`dashboard: ${dashboard.link}\n`);
    return {
      cluster: followed.cluster,
      stop: async () => {
        await dashboard.stop();
        await followed.stop();
      },
    };
  } catch (error) {
    await followed.stop();
    throw error;
  }
}

/** Loaded on demand: a sync loop alone has no use for a web server, nor a webhook for informers. */
async function webhookFor(
  flags: WebhookFlags,
  { client, logger, metrics, readiness, settings }: Shell,
  cluster: ClusterCaches | undefined,
): Promise<RunningWebhook> {
  let webhook: RunningWebhook | undefined;
  readiness.add(() => (webhook ? webhook.waitsFor() : 'the webhook to serve'));
  const { startWebhook } = await import('./start-webhook.ts');
  const { createAdmissionMetrics } = await import('../telemetry/admission-metrics.ts');
  webhook = await startWebhook(flags, {
    client,
    logger,
    settings,
    metrics: createAdmissionMetrics(metrics.registry),
    onCertificateExpiry: metrics.certificateEnds,
    ...(cluster && { cluster }),
  });
  return webhook;
}

async function syncUntil(flags: SyncFlags, shell: Shell, signal: AbortSignal): Promise<void> {
  const { runSync } = await import('../syncloop/run.ts');
  const { namespace, leaseName, identity, mode, concurrentSyncs, probeTimeout } = flags;
  const { client, logger, metrics, readiness, settings } = shell;
  let waitsFor: string | undefined;
  readiness.add(() => waitsFor);
  const options: SyncOptions = {
    client,
    logger,
    metrics,
    namespace,
    leaseName,
    identity,
    mode,
    concurrentSyncs,
    policy: policyFor(flags, settings),
    probeTimeoutMs: probeTimeout * 1000,
    onWaiting: (what) => {
      waitsFor = what;
    },
  };
  await runSync(options, signal);
}

/** What decides about pods; of flags that say nothing of it, the default. */
function policyFor(
  { strictUpstream, placement }: Partial<Pick<SyncFlags, 'strictUpstream' | 'placement'>>,
  { extraTolerations }: AdmissionSettings,
): Policy {
  const base = strictUpstream ? UPSTREAM_POLICY : DEFAULT_POLICY;
  return { ...base, ...(placement && { placement }), extraTolerations };
}

async function statusServerFor(
  { metricsBindAddress: address }: ServingFlags,
  { metrics: { registry }, logger, readiness: { waitsFor } }: Shell,
): Promise<{ close: () => Promise<void> } | undefined> {
  if (!address) return undefined;
  const { startStatusServer } = await import('../telemetry/status-server.ts');
  const server = await startStatusServer({ ...address, registry, waitsFor });
  logger.info({ host: address.host, port: server.port }, 'serving metrics');
  return server;
}
