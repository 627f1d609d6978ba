import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The folder of a Go module as its project published it.
 *
 * @param sum its hash, as go.sum has it: a schema that changes under a version would prove nothing.
 */
export async function goModule(pathAtVersion: string, sum: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', pathAtVersion]);
  const { Dir, Sum } = JSON.parse(stdout) as { readonly Dir: string; readonly Sum: string };
  if (Sum !== sum) throw new Error(`${pathAtVersion} has the sum ${Sum}, not ${sum}`);
  return Dir;
}

/** Unpacks an npm package without installing what it depends on. Returns its folder, which is the caller's to remove. */
export async function npmPackage(nameAtVersion: string, integrity: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'everynode-npm-'));
  const { stdout } = await run('npm', [
    'pack',
    nameAtVersion,
    '--json',
    '--prefer-offline',
    `--pack-destination=${folder}`,
  ]);
  const [packed] = JSON.parse(stdout) as readonly { readonly filename: string; readonly integrity: string }[];
  if (packed?.integrity !== integrity) {
    throw new Error(`${nameAtVersion} has the integrity ${packed?.integrity}, not ${integrity}`);
  }
  await run('tar', ['-xzf', join(folder, packed.filename), '-C', folder]);
  return join(folder, 'package');
}
