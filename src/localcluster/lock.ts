import { rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const REFRESH_MS = 2_000;
const STALE_MS = 10_000;
const RETRY_MS = 500;

export type Release = () => Promise<void>;

/**
 * Takes the lock file, or returns undefined while another process holds it. A holder keeps the file young, so one
 * that was killed loses it after 10 s. Two processes that find such a file in the same moment may both get it:
 * good enough where the lock only saves work.
 */
export async function tryLock(path: string): Promise<Release | undefined> {
  try {
    await writeFile(path, `held by process ${process.pid}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return (await removeStale(path)) ? tryLock(path) : undefined;
  }
  const refresh = setInterval(() => {
    const now = new Date();
    // Someone may have cleaned the cache; then there is nothing to keep.
    utimes(path, now, now).catch(() => undefined);
  }, REFRESH_MS);
  refresh.unref();
  return async () => {
    clearInterval(refresh);
    await rm(path, { force: true });
  };
}

/** Waits for the lock file; rejects when the signal is aborted. */
export async function waitForLock(path: string, signal?: AbortSignal): Promise<Release> {
  for (;;) {
    const release = await tryLock(path);
    if (release) return release;
    await sleep(RETRY_MS, undefined, { ...(signal && { signal }) });
  }
}

async function removeStale(path: string): Promise<boolean> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs < STALE_MS) return false;
    // Renamed first: of several processes that see it, only one can.
    const stale = `${path}.stale-${process.pid}`;
    await rename(path, stale);
    await rm(stale, { force: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}
