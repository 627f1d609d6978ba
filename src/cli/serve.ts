import { createLogger } from '../telemetry/log.ts';
import { runSync } from '../syncloop/run.ts';
import { connect } from './connect.ts';
import { EXIT } from './exit-codes.ts';
import type { SyncFlags, WebhookFlags } from './options.ts';
import type { Terminal } from './terminal.ts';
import { startWebhook } from './start-webhook.ts';

/** What a long-running command does: some of the sync loop and the webhook. */
export type ServeFlags = { readonly sync?: SyncFlags; readonly webhook?: WebhookFlags };

/** Runs the sync loop, the webhook or both, until the signal ends them. Returns the exit code. */
export async function serve(flags: ServeFlags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const common = flags.sync ?? flags.webhook;
  if (!common) return EXIT.usage;
  const logger = createLogger({ level: common.logLevel });
  const { client, transport, server } = await connect(common, terminal, logger);
  logger.info({ server }, 'connected');
  try {
    const webhook = flags.webhook && (await startWebhook(flags.webhook, client, logger));
    try {
      if (flags.sync) await runSync(syncOptions(flags.sync, client, logger), signal);
      else await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } finally {
      await webhook?.stop();
    }
  } finally {
    await transport.close();
  }
  return EXIT.ok;
}

function syncOptions(
  flags: SyncFlags,
  client: Parameters<typeof runSync>[0]['client'],
  logger: Parameters<typeof runSync>[0]['logger'],
): Parameters<typeof runSync>[0] {
  const { namespace, leaseName, identity, mode, concurrentSyncs, probeTimeout } = flags;
  return {
    client,
    logger,
    namespace,
    leaseName,
    identity,
    mode,
    concurrentSyncs,
    probeTimeoutMs: probeTimeout * 1000,
  };
}
