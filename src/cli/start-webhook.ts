import { isIP } from 'node:net';
import type { Client } from '../kube/client.ts';
import type { AdmissionMetrics } from '../telemetry/admission-metrics.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Certificates, ensureCertificates } from '../tls/certificates.ts';
import { renewCertificates } from '../tls/renew.ts';
import { watchCertificates } from '../tls/watch.ts';
import { startAdmission } from '../webhook/admission.ts';
import { registerWebhooks, unregisterWebhooks } from '../webhook/registration.ts';
import type { Endpoint } from '../webhook/webhook-entries.ts';
import { startWebhookServer } from '../webhook/server.ts';
import { admissionSettings } from './admission-settings.ts';
import { UsageError } from './exit-codes.ts';
import { DEFAULT_NAMESPACE, type WebhookFlags } from './options.ts';

export type RunningWebhook = {
  /** What it waits for while it is not ready; undefined when it is. */
  readonly waitsFor: () => string | undefined;
  readonly stop: () => Promise<void>;
};

const REGISTRATION = {
  name: 'everynode',
  systemNamespaces: ['kube-system', DEFAULT_NAMESPACE],
  workloads: false,
} as const;

/** The flags that the webhook itself needs, whichever command starts it. */
export type WebhookSettings = Omit<
  WebhookFlags,
  'kubeconfig' | 'context' | 'logLevel' | 'metricsBindAddress'
>;

/** Serves admission and, unless told otherwise, registers it with the API server. */
export async function startWebhook(
  flags: WebhookSettings,
  client: Client,
  logger: Logger,
  metrics?: AdmissionMetrics,
): Promise<RunningWebhook> {
  const { host, port, certDir: dir, maxBodyBytes } = flags;
  const service = flags.service === undefined ? undefined : parseService(flags.service);
  if (flags.url !== undefined) assertUrl(flags.url);
  const served = { dir, ...servedNames(flags, service) };
  const certificates = await ensureCertificates({ ...served, now: Date.now() });
  const admission = startAdmission({ settings: await admissionSettings(flags), client, logger });
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
  const register = async ({ ca }: Certificates): Promise<void> => {
    if (!flags.register) return;
    const { failurePolicy } = flags;
    await registerWebhooks(client, { ...REGISTRATION, endpoint, ca, failurePolicy });
    logger.info({ endpoint }, 'registered the webhooks');
  };
  const stopWatching = watchCertificates({
    dir,
    current: certificates,
    logger,
    onChange: (fresh) => {
      server.setCertificates(fresh);
      logger.info({ dir }, 'serving with new certificates');
      register(fresh).catch((error: unknown) =>
        logger.error({ err: error }, 'could not register the new CA'),
      );
    },
  });
  const stopRenewing = renewCertificates({ ...served, logger });
  const stop = async (): Promise<void> => {
    stopRenewing();
    stopWatching();
    // First the configurations, so that nobody calls a server that is going.
    if (flags.register && flags.unregister) {
      await unregisterWebhooks(client, REGISTRATION.name).catch((error: unknown) =>
        logger.error(
          { err: error },
          'could not unregister; run: kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration everynode',
        ),
      );
    }
    await server.close();
    await admission.stop();
  };
  try {
    await register(certificates);
  } catch (error) {
    await stop();
    throw error;
  }
  logger.info({ host, port: server.port }, 'serving admission');
  return { waitsFor: () => server.waitsFor() ?? admission.waitsFor(), stop };
}

type Service = { readonly namespace: string; readonly name: string; readonly port: number };

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

/** The names under which the API server calls us; it checks them against the certificate. */
function servedNames(
  { host, url }: WebhookSettings,
  service: Service | undefined,
): { dnsNames: readonly string[]; ipAddresses: readonly string[] } {
  const names = service
    ? [`${service.name}.${service.namespace}.svc`]
    : ['localhost', '127.0.0.1', url === undefined ? host : new URL(url).hostname.replace(/^\[|\]$/g, '')];
  const addresses = names.filter((name) => isIP(name) !== 0 && !['0.0.0.0', '::'].includes(name));
  return { dnsNames: names.filter((name) => isIP(name) === 0), ipAddresses: [...new Set(addresses)] };
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
