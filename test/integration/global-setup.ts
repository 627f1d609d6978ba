import { locateBinaries, locatePrograms } from '../../src/localcluster/binaries.ts';
import { formatProgress, type Progress } from '../../src/localcluster/progress.ts';
import { HELM, NODE_PROGRAMS } from '../../src/localcluster/versions.ts';
import { canRunRealNode } from './real-node.ts';

/** Builds every program once, before any test waits for it or for the processor. */
export async function setup(): Promise<void> {
  const report = (progress: Progress): void => void process.stderr.write(`${formatProgress(progress)}\n`);
  await locateBinaries(process.env, report);
  await locatePrograms([HELM], process.env, report);
  if (canRunRealNode) await locatePrograms(NODE_PROGRAMS, process.env, report);
}
