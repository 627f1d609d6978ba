import { locateBinaries } from '../../src/localcluster/binaries.ts';
import { formatProgress } from '../../src/localcluster/progress.ts';

/** Builds the control plane once, before any test waits for it. */
export async function setup(): Promise<void> {
  await locateBinaries(process.env, (progress) => process.stderr.write(`${formatProgress(progress)}\n`));
}
