import { DEFAULT_POLICY, UPSTREAM_POLICY } from '../core/policy.ts';
import type { Client } from '../kube/client.ts';
import type { SyncOptions } from '../syncloop/run.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { admissionSettings } from './admission-settings.ts';
import { connect } from './connect.ts';
import { EXIT } from './exit-codes.ts';
import type { ServingFlags, SyncFlags, WebhookFlags } from './options.ts';
import type { RunningWebhook } from './start-webhook.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** What a long-running command does: some of the sync loop and the webhook. */
export type ServeFlags = { readonly sync?: SyncFlags; readonly webhook?: WebhookFlags };

/** Runs the sync loop, the webhook or both, until the signal ends them. Returns the exit code. */
export async function serve(flags: ServeFlags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const common = flags.sync ?? flags.webhook;
  if (!common) return EXIT.usage;
  const { createMetrics } = await import('../telemetry/metrics.ts');
  const logger = createLogger({ level: common.logLevel });
  const metrics = createMetrics(version());
  const { client, transport, server } = await connect(common, terminal, { logger, metrics });
  logger.info({ server }, 'connected');
  const shell = { client, logger, metrics, readiness: createReadiness() };
  try {
    const status = await statusServerFor(common, shell);
    try {
      await serveBoth(flags, shell, signal);
    } finally {
      await status?.close();
    }
  } finally {
    await transport.close();
  }
  return EXIT.ok;
}

async function serveBoth(flags: ServeFlags, shell: Shell, signal: AbortSignal): Promise<void> {
  const webhook = flags.webhook && (await webhookFor(flags.webhook, shell));
  try {
    if (flags.sync) await syncUntil(flags.sync, shell, signal);
    else await aborted(signal);
  } finally {
    await webhook?.stop();
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
};

/** Loaded on demand: a sync loop alone has no use for a web server, nor a webhook for informers. */
async function webhookFor(
  flags: WebhookFlags,
  { client, logger, metrics, readiness }: Shell,
): Promise<RunningWebhook> {
  let webhook: RunningWebhook | undefined;
  readiness.add(() => (webhook ? webhook.waitsFor() : 'the webhook to serve'));
  const { startWebhook } = await import('./start-webhook.ts');
  const { createAdmissionMetrics } = await import('../telemetry/admission-metrics.ts');
  webhook = await startWebhook(flags, {
    client,
    logger,
    metrics: createAdmissionMetrics(metrics.registry),
    onCertificateExpiry: metrics.certificateEnds,
  });
  return webhook;
}

async function syncUntil(flags: SyncFlags, shell: Shell, signal: AbortSignal): Promise<void> {
  const { runSync } = await import('../syncloop/run.ts');
  const { namespace, leaseName, identity, mode, concurrentSyncs, probeTimeout } = flags;
  const { placement, strictUpstream } = flags;
  const { extraTolerations } = await admissionSettings(flags);
  const { client, logger, metrics, readiness } = shell;
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
    policy: { ...(strictUpstream ? UPSTREAM_POLICY : DEFAULT_POLICY), placement, extraTolerations },
    probeTimeoutMs: probeTimeout * 1000,
    onWaiting: (what) => {
      waitsFor = what;
    },
  };
  await runSync(options, signal);
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
