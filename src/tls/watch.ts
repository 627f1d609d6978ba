import { type FSWatcher, watch } from 'node:fs';
import type { Logger } from '../telemetry/log.ts';
import { type Certificates, type Clients, loadCertificates } from './certificates.ts';

export type WatchOptions = {
  readonly dir: string;
  /** What is in use now. */
  readonly current: Certificates;
  /** Called with each set that can be used. What it throws is logged, and the next set is tried again. */
  readonly onChange: (certificates: Certificates) => void;
  readonly logger: Logger;
  readonly clients?: Clients;
  /** How often the content is looked at, whatever the file system tells. */
  readonly intervalMs?: number;
};

const POLL_MS = 10_000;
/** Files of one rotation come one after the other. */
const SETTLE_MS = 200;

/**
 * Tells when the folder holds other certificates: soon after a change that the file system reports, and in any
 * case within 10 s, because the symlinks of a mounted Secret and network file systems do not report all. Files
 * that do not belong together, because they are being replaced, are looked at again the next time.
 *
 * @returns stops the watching.
 */
export function watchCertificates(options: WatchOptions): () => void {
  const { dir, logger, intervalMs = POLL_MS } = options;
  const look = lookOnce(options);
  const timer = setInterval(look, intervalMs).unref();
  let settling: NodeJS.Timeout | undefined;
  const watcher = watchFolder(dir, logger, () => {
    clearTimeout(settling);
    settling = setTimeout(look, SETTLE_MS).unref();
  });
  return () => {
    clearInterval(timer);
    clearTimeout(settling);
    watcher?.close();
    look.stop();
  };
}

/** One look at a time, and none is told of once stopped. */
function lookOnce({ dir, current: initial, onChange, logger, clients }: WatchOptions): {
  (): void;
  stop: () => void;
} {
  let current = initial;
  let looking = false;
  let stopped = false;
  let complaint = '';
  const look = async (): Promise<void> => {
    if (looking || stopped) return;
    looking = true;
    try {
      const found = await loadCertificates(dir, Date.now(), clients);
      if (stopped || same(found, current)) return;
      onChange(found);
      current = found;
      complaint = '';
    } catch (error) {
      // Once for each fault, not every 10 s.
      const message = error instanceof Error ? error.message : String(error);
      if (message !== complaint)
        logger.warn({ err: error }, 'new certificates cannot be used; the old ones stay');
      complaint = message;
    } finally {
      looking = false;
    }
  };
  return Object.assign(() => void look(), { stop: () => void (stopped = true) });
}

function same(a: Certificates, b: Certificates): boolean {
  return a.cert === b.cert && a.key === b.key && a.ca === b.ca;
}

function watchFolder(dir: string, logger: Logger, onEvent: () => void): FSWatcher | undefined {
  const giveUp = (error: unknown): void =>
    logger.debug({ err: error, dir }, 'the file system reports no changes; looking every few seconds');
  try {
    const watcher = watch(dir, { persistent: false }, onEvent);
    watcher.on('error', (error) => {
      watcher.close();
      giveUp(error);
    });
    return watcher;
  } catch (error) {
    giveUp(error);
    return undefined;
  }
}
