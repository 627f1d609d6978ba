import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalClusterError } from '../../localcluster/errors.ts';
import type { Terminal } from '../terminal.ts';
import type { UpReporter } from './reporter.ts';
import { UsageError } from '../exit-codes.ts';
import type { UpFlags } from './flags.ts';

/** The cluster that `up` works on, whoever made it. */
export type ProvidedCluster = {
  readonly isLocal: boolean;
  /** For connecting: absent means that the usual places are searched. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Path of a kubectl of the right version; absent means the one on the PATH. */
  readonly kubectl?: string;
  readonly certDir: string;
  readonly stop: () => Promise<void>;
};

/** The DaemonSet that is shown when none is given. */
export const EXAMPLE_MANIFEST = exampleManifest();

/** Starts a local cluster, or takes the one that --kubeconfig names. */
export async function provideCluster(
  { kubeconfig, context, nodes }: UpFlags,
  { env }: Terminal,
  on: { readonly reporter: UpReporter; readonly onFailure: (error: LocalClusterError) => void },
): Promise<ProvidedCluster> {
  const certDir = 'certs';
  if (context !== undefined && kubeconfig === undefined) {
    throw new UsageError('--context: names a context of a kubeconfig; give --kubeconfig FILE, too');
  }
  if (kubeconfig !== undefined) {
    return {
      isLocal: false,
      kubeconfig,
      ...(context !== undefined && { context }),
      certDir,
      stop: async () => {},
    };
  }
  const { startLocalCluster } = await import('../../localcluster/cluster.ts');
  const { defaultNodes } = await import('../../localcluster/nodes.ts');
  const cluster = await startLocalCluster({ env, onProgress: on.reporter.progress, onFailure: on.onFailure });
  try {
    await cluster.addNodes(defaultNodes(nodes));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return {
    isLocal: true,
    kubeconfig: cluster.kubeconfigPath,
    kubectl: cluster.binaries.kubectl,
    certDir: join(cluster.dataDir, 'certs'),
    stop: () => cluster.stop(),
  };
}

/** Beside the local cluster in `src`, and in `dist`, where everything else is bundled. */
function exampleManifest(): string {
  const file = 'localcluster/examples/fluentd-elasticsearch.yaml';
  const candidates = [`../../${file}`, `../${file}`, `./${file}`].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return candidates.find((path) => existsSync(path)) ?? file;
}
