import type { Logger } from '../telemetry/log.ts';
import { ensureCertificates, type EnsureOptions } from './certificates.ts';

/** Often enough that a renewal, due 30 days ahead, can fail for weeks before it matters. */
const RENEW_CHECK_MS = 12 * 3_600_000;

export type RenewOptions = Omit<EnsureOptions, 'now'> & {
  readonly logger: Logger;
  readonly intervalMs?: number;
};

/**
 * Has our own certificates made anew before they end, for a process that outlives them. `watchCertificates`
 * takes notice of the new files, and files that are somebody else's are only looked at.
 *
 * @returns stops the renewing.
 */
export function renewCertificates({
  logger,
  intervalMs = RENEW_CHECK_MS,
  ...options
}: RenewOptions): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  // One check after the other: two that write at once could leave the key of one beside the certificate of the other.
  const renewLater = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      ensureCertificates({ ...options, now: Date.now() })
        .catch((error: unknown) => logger.error({ err: error }, 'the serving certificate cannot be renewed'))
        .finally(renewLater);
    }, intervalMs).unref();
  };
  renewLater();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
