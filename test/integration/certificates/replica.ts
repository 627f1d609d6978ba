import { admissionSettings } from '../../../src/cli/admission-settings.ts';
import { connect } from '../../../src/cli/connect.ts';
import { startWebhook, type WebhookSettings } from '../../../src/cli/start-webhook.ts';
import type { CertificateTimes } from '../../../src/cli/certificates.ts';
import { createLogger } from '../../../src/telemetry/log.ts';

/** A webhook process with times that no flag sets: `node replica.ts '{"kubeconfig":…}'`. Prints its port. */
export type ReplicaOptions = {
  readonly kubeconfig: string;
  /** File of an AdmissionConfiguration. */
  readonly config: string;
  readonly settings: WebhookSettings;
  readonly times: CertificateTimes;
};

const { kubeconfig, config, settings, times } = JSON.parse(process.argv[2] ?? '') as ReplicaOptions;
const logger = createLogger({ level: 'debug' });
const terminal = { env: process.env, stdout: process.stdout, stderr: process.stderr };
const { client, transport } = await connect({ kubeconfig, logLevel: 'debug' }, terminal, { logger });
const webhook = await startWebhook(settings, {
  client,
  logger,
  settings: await admissionSettings({ config }),
  times,
});
process.stdout.write(`${webhook.port}\n`);
process.once('SIGTERM', () => {
  void webhook.stop().then(() => transport.close());
});
