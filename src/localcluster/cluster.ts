import { rm } from 'node:fs/promises';
import type { ArgumentOptions, ComponentName } from './arguments.ts';
import { type Binaries, locateBinaries } from './binaries.ts';
import type { Environment } from './environment.ts';
import { openDataDir } from './data-dir.ts';
import { interrupted, LocalClusterError, PortTakenError } from './errors.ts';
import { layOut } from './layout.ts';
import { LocalCluster } from './local-cluster.ts';
import { assertFree } from './ports.ts';
import { type OnProgress, reporting } from './progress.ts';

export type { LocalCluster } from './local-cluster.ts';

const START_ATTEMPTS = 3;

export type LocalClusterOptions = Partial<ArgumentOptions> & {
  /** Components to leave out, such as the scheduler. */
  readonly without?: readonly ComponentName[];
  /** Port of the API server; 0, the default, picks a free one. */
  readonly port?: number;
  /** New or empty folder for data, logs and credentials; default: a new one in the system's temporary folder. */
  readonly dataDir?: string;
  /** Leaves the folder there at the end. */
  readonly keepData?: boolean;
  readonly env?: Environment;
  readonly onProgress?: OnProgress;
  /** Told when a component dies after the start without having been stopped. */
  readonly onFailure?: (error: LocalClusterError) => void;
  /** Ends the start, or the build before it; no effect on a cluster that has started. */
  readonly signal?: AbortSignal;
};

/**
 * Starts a real control plane on free loopback ports, with its data in a folder of its own, and waits until pods
 * can be made in it. Whatever happens to this process, the components end and the folder goes.
 *
 * @throws LocalClusterError when a program cannot be had or does not start, the port is taken, the folder is not
 *   empty, or the signal is aborted.
 */
export async function startLocalCluster(options: LocalClusterOptions = {}): Promise<LocalCluster> {
  const { env = process.env, onProgress = () => undefined, port = 0, signal } = options;
  if (process.platform === 'win32') {
    throw new LocalClusterError('a local cluster needs Linux or macOS; on Windows, run everynode inside WSL');
  }
  if (port !== 0) await assertFree(port);
  const binaries = await locateBinaries(env, onProgress, signal);
  return reporting(
    'starting the control plane',
    (news) => onProgress({ step: 1, total: 1, ...news }),
    () => startOnFreePorts(binaries, options),
  );
}

/** Between finding a free port and using it, another program may take it: then all begins anew. */
async function startOnFreePorts(binaries: Binaries, options: LocalClusterOptions): Promise<LocalCluster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(binaries, options);
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === START_ATTEMPTS) throw error;
      if (options.port) await assertFree(options.port);
      // Empty before the attempt, so all in it is ours.
      if (options.dataDir) await rm(options.dataDir, { recursive: true, force: true });
    }
  }
}

async function startOnce(binaries: Binaries, options: LocalClusterOptions): Promise<LocalCluster> {
  const dataDir = await openDataDir(options.dataDir, options.keepData ?? false);
  try {
    const layout = await layOut(dataDir.path, options.port ?? 0);
    const env = options.env ?? process.env;
    const cluster = new LocalCluster({ ...options, layout, binaries, dataDir, env });
    await startUnlessAborted(cluster, options.signal);
    return cluster;
  } catch (error) {
    await dataDir.release();
    throw error;
  }
}

async function startUnlessAborted(cluster: LocalCluster, signal: AbortSignal | undefined): Promise<void> {
  const stop = (): void => void cluster.stop();
  signal?.addEventListener('abort', stop);
  try {
    signal?.throwIfAborted();
    await cluster.start();
  } catch (error) {
    await cluster.stop();
    throw signal?.aborted ? interrupted(signal) : error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
