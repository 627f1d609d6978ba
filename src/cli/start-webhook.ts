import { isIP } from 'node:net';
import type { ClusterCaches } from '../cache/cluster-caches.ts';
import { type AdmissionSettings, DEFAULT_SETTINGS } from '../core/admission/settings.ts';
import type { Client } from '../kube/client.ts';
import type { AdmissionMetrics } from '../telemetry/admission-metrics.ts';
import type { Logger } from '../telemetry/log.ts';
import { startAdmission } from '../webhook/admission.ts';
import type { Registration } from '../webhook/ca-bundle.ts';
import { unregisterWebhooks } from '../webhook/registration.ts';
import type { Endpoint } from '../webhook/webhook-entries.ts';
import { startWebhookServer } from '../webhook/server.ts';
import {
  certificateSource,
  type CertificateTimes,
  keepTrusted,
  servedNames,
  type Service,
} from './certificates.ts';
import { UsageError } from './exit-codes.ts';
import { DEFAULT_NAMESPACE, type WebhookFlags } from './options.ts';

export type RunningWebhook = {
  /** That is listened on. */
  readonly port: number;
  /** What it waits for while it is not ready; undefined when it is. */
  readonly waitsFor: () => string | undefined;
  readonly stop: () => Promise<void>;
};

const REGISTRATION = {
  systemNamespaces: ['kube-system', DEFAULT_NAMESPACE],
  workloads: false,
} as const;

/** The flags that the webhook itself needs, whichever command starts it. */
export type WebhookSettings = Omit<
  WebhookFlags,
  'kubeconfig' | 'context' | 'config' | 'logLevel' | 'metricsBindAddress'
>;

export type WebhookShell = {
  readonly client: Client;
  readonly logger: Logger;
  /** Absent: the defaults. */
  readonly settings?: AdmissionSettings;
  readonly metrics?: AdmissionMetrics;
  /** Followed by somebody else; absent: the webhook follows the cluster by itself. */
  readonly cluster?: ClusterCaches;
  /** Told when the serving certificate ends, in seconds since the epoch. */
  readonly onCertificateExpiry?: (seconds: number) => void;
  readonly times?: CertificateTimes;
};

/** Serves admission and, unless told otherwise, registers it with the API server. */
export async function startWebhook(flags: WebhookSettings, shell: WebhookShell): Promise<RunningWebhook> {
  const { client, logger, metrics } = shell;
  const { host, port, maxBodyBytes, configurationName: name } = flags;
  const service = flags.service === undefined ? undefined : parseService(flags.service);
  if (flags.url !== undefined) assertUrl(flags.url);
  const source = certificateSource(flags, servedNames(flags, service), shell);
  const certificates = await source.open();
  const admission = startAdmission({
    settings: shell.settings ?? DEFAULT_SETTINGS,
    client,
    logger,
    ...(shell.cluster && { cluster: shell.cluster }),
  });
  const { decide } = admission;
  const shutdownDelayMs = flags.shutdownDelay * 1000;
  const serving = { host, port, certificates, maxBodyBytes, shutdownDelayMs, logger, decide };
  const server = await startWebhookServer({ ...serving, ...(metrics && { metrics }) }).catch(
    async (error: unknown) => {
      await admission.stop();
      throw error;
    },
  );
  const endpoint: Endpoint = service
    ? { service }
    : { url: flags.url ?? `https://${bracketed(host)}:${server.port}` };
  const registration = registrationFor(flags, endpoint);
  const trusted = keepTrusted({ name, registration, source, certificates, server }, shell);
  const stop = async (): Promise<void> => {
    const stopped = trusted.stop();
    // First the configurations, so that nobody calls a server that is going.
    if (registration.write === 'all' && flags.unregister) {
      await stopped;
      await unregister(client, name, logger);
    }
    await server.close();
    await Promise.all([admission.stop(), stopped]);
  };
  try {
    await trusted.start();
  } catch (error) {
    await stop();
    throw error;
  }
  if (registration.write === 'all') logger.info({ endpoint }, 'registered the webhooks');
  logger.info({ host, port: server.port }, 'serving admission');
  return { port: server.port, waitsFor: () => server.waitsFor() ?? admission.waitsFor(), stop };
}

function registrationFor(
  { register: write, failurePolicy }: WebhookSettings,
  endpoint: Endpoint,
): Registration {
  return write === 'all' ? { write, options: { ...REGISTRATION, endpoint, failurePolicy } } : { write };
}

async function unregister(client: Client, name: string, logger: Logger): Promise<void> {
  await unregisterWebhooks(client, name).catch((error: unknown) =>
    logger.error(
      { err: error },
      `could not unregister; run: kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration ${name}`,
    ),
  );
}

function parseService(text: string): Service {
  const [, namespace, name, port = '443'] = /^([a-z0-9-]+)\/([a-z0-9-]+)(?::(\d+))?$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new UsageError(`--service: ${JSON.stringify(text)} is not NAMESPACE/NAME or NAMESPACE/NAME:PORT`);
  }
  return { namespace, name, port: Number(port) };
}

/** The API server calls webhooks over HTTPS alone. */
function assertUrl(text: string): void {
  if (URL.canParse(text) && new URL(text).protocol === 'https:') return;
  throw new UsageError(`--url: ${JSON.stringify(text)} is not a URL such as https://hook.example.com:9443`);
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
