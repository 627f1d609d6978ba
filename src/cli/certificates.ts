import { isIP } from 'node:net';
import type { Client } from '../kube/client.ts';
import type { Logger } from '../telemetry/log.ts';
import { directorySource } from '../tls/directory-source.ts';
import { keepServing } from '../tls/keep-serving.ts';
import type { RotationSettings } from '../tls/rotation.ts';
import { SecretSource } from '../tls/secret-source.ts';
import type { CertificateSource } from '../tls/source.ts';
import type { Certificates, Names } from '../tls/verify.ts';
import { CaBundles, type Registration } from '../webhook/ca-bundle.ts';
import type { WebhookServer } from '../webhook/server.ts';
import { UsageError } from './exit-codes.ts';

/** What tests set that no flag does. */
export type CertificateTimes = {
  readonly settings?: RotationSettings;
  /** Of the certificates that are made, in milliseconds. */
  readonly lifetimeMs?: number;
};

/** The flags that say where certificates come from. */
export type CertificateFlags = { readonly certDir: string; readonly certSecret?: string };

/**
 * Where the certificates come from that the flags ask for. Nothing is read or made before `open`.
 *
 * @throws UsageError
 */
export function certificateSource(
  { certDir, certSecret }: CertificateFlags,
  names: Names,
  shell: { readonly client: Client; readonly logger: Logger; readonly times?: CertificateTimes },
): CertificateSource {
  if (certSecret === undefined) return directorySource(certDir, names, shell.logger);
  const { client, logger, times = {} } = shell;
  return new SecretSource({ client, logger, key: parseSecret(certSecret), names, ...times });
}

/** What is kept up as long as the webhook runs. */
export type Trusted = {
  /** Rejects when the configurations are ours to write, and that is refused. */
  readonly start: () => Promise<void>;
  /** Begins nothing more. Resolves when what was under way has ended. */
  readonly stop: () => Promise<void>;
};

export type TrustedOptions = {
  /** Of both configurations. */
  readonly name: string;
  readonly registration: Registration;
  readonly source: CertificateSource;
  /** What the server was started with. */
  readonly certificates: Certificates;
  readonly server: Pick<WebhookServer, 'setCertificates'>;
};

type TrustedShell = {
  readonly client: Client;
  readonly logger: Logger;
  readonly onCertificateExpiry?: (seconds: number) => void;
  readonly times?: CertificateTimes;
};

/** Keeps the server serving with what the source holds, and the API server trusting it. */
export function keepTrusted(options: TrustedOptions, shell: TrustedShell): Trusted {
  const { name, registration, source, certificates, server } = options;
  const { client, logger, onCertificateExpiry: onExpiry, times } = shell;
  const caBundles = new CaBundles({ client, logger, name, registration, now: source.now });
  const ended = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  const serving = {
    source,
    publication: caBundles,
    current: certificates,
    onServe: server.setCertificates,
    logger,
    ...(onExpiry && { onExpiry }),
    ...(times?.settings && { settings: times.settings }),
  };
  return {
    start: async () => {
      await caBundles.register(certificates.ca);
      running = Promise.all([keepServing(serving, ended.signal), caBundles.run(ended.signal)]);
    },
    stop: async () => {
      ended.abort();
      await running;
    },
  };
}

/** A Service as the API server reaches it. */
export type Service = { readonly namespace: string; readonly name: string; readonly port: number };

/** The names under which the API server calls us; it checks them against the certificate. */
export function servedNames(
  { host, url }: { readonly host: string; readonly url?: string },
  service: Service | undefined,
): Names {
  const names = service
    ? [`${service.name}.${service.namespace}.svc`]
    : ['localhost', '127.0.0.1', url === undefined ? host : new URL(url).hostname.replace(/^\[|\]$/g, '')];
  const addresses = names.filter((name) => isIP(name) !== 0 && !['0.0.0.0', '::'].includes(name));
  return { dnsNames: names.filter((name) => isIP(name) === 0), ipAddresses: [...new Set(addresses)] };
}

function parseSecret(text: string): { readonly namespace: string; readonly name: string } {
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined) {
    throw new UsageError(`--cert-secret: ${JSON.stringify(text)} is not NAMESPACE/NAME`);
  }
  return { namespace, name };
}
