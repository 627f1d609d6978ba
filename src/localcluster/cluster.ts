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
import type { RealNodeSpec } from './real-node/configuration.ts';
import { findNodePrograms, type NodePrograms, openNode } from './real-node/open.ts';
import type { RealNodeParts } from './real-node/real-node.ts';

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
  /**
   * Adds a node with a real kubelet and real containers. Takes Linux, root and a few Debian packages, which the error
   * names; its programs are built like the others. The API server then listens on the link to that node.
   */
  readonly realNode?: RealNodeSpec;
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
  const nodePrograms = options.realNode && (await findNodePrograms(env, onProgress, signal));
  return reporting(
    'starting the control plane',
    (news) => onProgress({ step: 1, total: 1, ...news }),
    () => startOnFreePorts({ ...options, binaries, ...(nodePrograms && { nodePrograms }) }),
  );
}

type StartOptions = LocalClusterOptions & {
  readonly binaries: Binaries;
  readonly nodePrograms?: NodePrograms;
};

/** Between finding a free port and using it, another program may take it: then all begins anew. */
async function startOnFreePorts(options: StartOptions): Promise<LocalCluster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === START_ATTEMPTS) throw error;
      if (options.port) await assertFree(options.port);
      // Empty before the attempt, so all in it is ours.
      if (options.dataDir) await rm(options.dataDir, { recursive: true, force: true });
    }
  }
}

async function startOnce(options: StartOptions): Promise<LocalCluster> {
  const { env = process.env, realNode: spec, nodePrograms, ...others } = options;
  const dataDir = await openDataDir(options.dataDir, options.keepData ?? false);
  let realNode: RealNodeParts | undefined;
  try {
    realNode = spec && nodePrograms && (await openNode(spec, nodePrograms, dataDir, env));
    const layout = await layOut(
      dataDir.path,
      options.port ?? 0,
      realNode && { name: realNode.spec.name, network: realNode.namespaces.network },
    );
    const cluster = new LocalCluster({ ...others, layout, dataDir, env, ...(realNode && { realNode }) });
    await startUnlessAborted(cluster, options.signal);
    return cluster;
  } catch (error) {
    await realNode?.namespaces.close();
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
