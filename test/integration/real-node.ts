import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locatePrograms } from '../../src/localcluster/binaries.ts';
import type { LocalClusterOptions } from '../../src/localcluster/cluster.ts';
import { formatProgress, type Progress } from '../../src/localcluster/progress.ts';
import { HELM } from '../../src/localcluster/versions.ts';
import { TestCluster } from './harness.ts';

const run = promisify(execFile);

/** The name of the real node, unless another is chosen. */
export const REAL_NODE = 'real-1';

/**
 * Whether this machine is one where real nodes are tested: others skip such tests. Where it is one and lacks a
 * program or a package, they fail with its name.
 */
export const canRunRealNode = process.platform === 'linux' && process.getuid?.() === 0;

/**
 * A control plane with one real node, whose pods run in real containers and reach Services and the API server, beside
 * any number of simulated nodes (`cluster.local.addNodes`). There is no DNS and no registry: images come by
 * `cluster.local.realNode.loadImage(archive)`, as `everynodeImage()` makes one, and `PAUSE_IMAGE` is there already.
 */
export function startWithRealNode(options: LocalClusterOptions = {}): Promise<TestCluster> {
  return TestCluster.start({ realNode: { name: REAL_NODE }, onProgress: report, ...options });
}

/** helm's output; throws with what it printed to stderr. Its own files are in the cluster's folder. */
export async function helm(cluster: TestCluster, ...args: readonly string[]): Promise<string> {
  const { dataDir, kubeconfigPath } = cluster.local;
  const binaries = await locatePrograms([HELM], process.env, report);
  const folder = (name: string): string => join(dataDir, 'helm', name);
  const { stdout } = await run(binaries.helm, [...args, `--kubeconfig=${kubeconfigPath}`], {
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      HELM_CACHE_HOME: folder('cache'),
      HELM_CONFIG_HOME: folder('config'),
      HELM_DATA_HOME: folder('data'),
    },
  });
  return stdout;
}

function report(progress: Progress): void {
  process.stderr.write(`${formatProgress(progress)}\n`);
}
