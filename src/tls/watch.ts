import type { Logger } from '../telemetry/log.ts';
import { type Certificates, loadCertificates } from './certificates.ts';

export type WatchOptions = {
  readonly dir: string;
  /** What is in use now. */
  readonly current: Certificates;
  readonly onChange: (certificates: Certificates) => void;
  readonly logger: Logger;
  readonly intervalMs?: number;
};

const POLL_MS = 10_000;

/**
 * Tells when the files hold other certificates. Looks at their content every 10 s, which follows the symlinks of
 * a mounted Secret as well as files written in place, where file events miss one or the other. Files that do not
 * belong together, because they are being replaced, are looked at again the next time.
 *
 * @returns stops the watching.
 */
export function watchCertificates(options: WatchOptions): () => void {
  const { dir, onChange, logger, intervalMs = POLL_MS } = options;
  let { current } = options;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const found = await loadCertificates(dir);
      if (found.cert === current.cert && found.key === current.key && found.ca === current.ca) return;
      current = found;
      onChange(found);
    } catch (error) {
      logger.warn({ err: error }, 'certificates cannot be loaded; going on with the old ones');
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), intervalMs).unref();
  return () => clearInterval(timer);
}
