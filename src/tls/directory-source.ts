import { once } from 'node:events';
import type { Logger } from '../telemetry/log.ts';
import { type Clients, ensureCertificates } from './certificates.ts';
import { renewCertificates } from './renew.ts';
import type { CertificateSource } from './source.ts';
import type { Certificates, Names } from './verify.ts';
import { watchCertificates } from './watch.ts';

/** Certificates in a folder, such as a mounted Secret: made there if there are none, and renewed if they are ours. */
export function directorySource(
  dir: string,
  names: Names,
  logger: Logger,
  clients: Clients = 'api-server',
): CertificateSource {
  let latest: Certificates | undefined;
  return {
    now: Date.now,
    open: async () => {
      latest = await ensureCertificates({ dir, ...names, clients, now: Date.now() });
      return latest;
    },
    run: async (signal, onChange) => {
      if (!latest) throw new Error('run before open');
      const stopWatching = watchCertificates({
        dir,
        current: latest,
        logger,
        clients,
        onChange: (fresh) => {
          latest = fresh;
          onChange();
        },
      });
      const stopRenewing = renewCertificates({ dir, ...names, clients, logger });
      if (!signal.aborted) await once(signal, 'abort');
      stopRenewing();
      stopWatching();
    },
    latest: () => latest,
    advance: async () => Infinity,
  };
}
