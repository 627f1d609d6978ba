import { cacheFolder, locatePrograms, type Paths } from '../binaries.ts';
import type { DataDir } from '../data-dir.ts';
import type { Environment } from '../environment.ts';
import type { OnProgress } from '../progress.ts';
import { NODE_PROGRAMS, type NodeProgramName } from '../versions.ts';
import type { RealNodeSpec } from './configuration.ts';
import { openNamespaces } from './namespaces.ts';
import { pauseImage } from './pause-image.ts';
import type { RealNodeParts } from './real-node.ts';
import { assertRequirements, withSystemTools } from './requirements.ts';

/** What a real node is made of, but for its namespaces. */
export type NodePrograms = Pick<RealNodeParts, 'binaries' | 'pauseImage' | 'cniFolder'>;

/**
 * Finds what a real node runs, or builds it.
 *
 * @throws LocalClusterError when the system lacks something, a build fails, or the signal is aborted.
 */
export async function findNodePrograms(
  env: Environment,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<NodePrograms> {
  // First, because the builds take minutes.
  const cniFolder = assertRequirements(env, [cacheFolder(env)]);
  const binaries: Paths<NodeProgramName> = await locatePrograms(NODE_PROGRAMS, env, onProgress, signal);
  assertRequirements(env, Object.values(binaries));
  return { binaries, cniFolder, pauseImage: await pauseImage(cacheFolder(env), env) };
}

/**
 * Makes the namespaces of a node that is to be started.
 *
 * @throws LocalClusterError when the system refuses them, or the data folder is one that the node would not see.
 */
export async function openNode(
  spec: RealNodeSpec,
  programs: NodePrograms,
  dataDir: DataDir,
  env: Environment,
): Promise<RealNodeParts> {
  assertRequirements(env, [dataDir.path]);
  const withTools = withSystemTools(env);
  const namespaces = await openNamespaces({ dataDir, env: withTools });
  return { spec, namespaces, ...programs, dataDir, env: withTools };
}
