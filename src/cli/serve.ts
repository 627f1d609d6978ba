import { DEFAULT_POLICY, UPSTREAM_POLICY } from '../core/policy.ts';
import type { Client } from '../kube/client.ts';
import type { SyncOptions } from '../syncloop/run.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { connect } from './connect.ts';
import { EXIT } from './exit-codes.ts';
import type { SyncFlags, WebhookFlags } from './options.ts';
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
  try {
    const webhook = flags.webhook && (await webhookFor(flags.webhook, client, logger));
    try {
      if (flags.sync) await syncUntil(flags.sync, { client, logger, metrics }, signal);
      else await aborted(signal);
    } finally {
      await webhook?.stop();
    }
  } finally {
    await transport.close();
  }
  return EXIT.ok;
}

/** Also for a signal that came while everything was being started. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

type Shell = { readonly client: Client; readonly logger: Logger; readonly metrics: Metrics };

/** Loaded on demand: a sync loop alone has no use for a web server, nor a webhook for informers. */
async function webhookFor(flags: WebhookFlags, client: Client, logger: Logger): Promise<RunningWebhook> {
  const { startWebhook } = await import('./start-webhook.ts');
  return startWebhook(flags, client, logger);
}

async function syncUntil(flags: SyncFlags, shell: Shell, signal: AbortSignal): Promise<void> {
  const { runSync } = await import('../syncloop/run.ts');
  const { namespace, leaseName, identity, mode, concurrentSyncs, probeTimeout } = flags;
  const { placement, strictUpstream } = flags;
  let waitsFor: string | undefined;
  const options: SyncOptions = {
    ...shell,
    namespace,
    leaseName,
    identity,
    mode,
    concurrentSyncs,
    policy: { ...(strictUpstream ? UPSTREAM_POLICY : DEFAULT_POLICY), placement },
    probeTimeoutMs: probeTimeout * 1000,
    onWaiting: (what) => {
      waitsFor = what;
    },
  };
  const status = await statusServerFor(flags, shell, () => waitsFor);
  try {
    await runSync(options, signal);
  } finally {
    await status?.close();
  }
}

async function statusServerFor(
  { metricsBindAddress: address }: SyncFlags,
  { metrics: { registry }, logger }: Shell,
  waitsFor: () => string | undefined,
): Promise<{ close: () => Promise<void> } | undefined> {
  if (!address) return undefined;
  const { startStatusServer } = await import('../telemetry/status-server.ts');
  const server = await startStatusServer({ ...address, registry, waitsFor });
  logger.info({ host: address.host, port: server.port }, 'serving metrics');
  return server;
}
