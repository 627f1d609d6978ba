import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LocalClusterError } from './errors.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** The folder of one cluster, and what guards it from the moment it exists. */
export type DataDir = {
  readonly path: string;
  readonly watchdog: Watchdog;
  /** Removes the folder, unless it is to be kept. To be called when nothing runs in it any more. */
  readonly release: () => Promise<void>;
};

/**
 * Makes the folder; without a wanted path it is a new one in the system's temporary folder.
 *
 * @throws LocalClusterError for a folder with something in it: it is ours to remove, so it must be ours alone.
 */
export async function openDataDir(wanted: string | undefined, keep: boolean): Promise<DataDir> {
  const path = wanted === undefined ? await mkdtemp(join(tmpdir(), 'everynode-cluster-')) : resolve(wanted);
  await mkdir(path, { recursive: true, mode: 0o700 });
  if ((await readdir(path)).length > 0) {
    throw new LocalClusterError(`${path} is not empty; name a new folder for the data of the local cluster`);
  }
  const watchdog = startWatchdog(keep ? undefined : path);
  const release = async (): Promise<void> => {
    if (!keep) await rm(path, { recursive: true, force: true, maxRetries: 5 });
    watchdog.dismiss();
  };
  return { path, watchdog, release };
}
