import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { copyModule } from '../build.ts';
import type { Environment } from '../environment.ts';
import { LocalClusterError } from '../errors.ts';
import { writeImageArchive } from '../image-archive.ts';
import { KUBERNETES_VERSION } from '../versions.ts';
import { PAUSE_IMAGE } from './configuration.ts';

const run = promisify(execFile);

/**
 * The archive of the image that holds a pod's namespaces, from the cache folder; made there from Kubernetes' own
 * source when it is missing.
 *
 * @throws LocalClusterError without Go, a C compiler and a static C library.
 */
export async function pauseImage(cache: string, env: Environment): Promise<string> {
  const folder = join(cache, `kubernetes-${KUBERNETES_VERSION}`);
  const target = join(folder, 'pause.tar');
  if (existsSync(target)) return target;
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(cache, 'build-pause-'));
  try {
    await copyModule('kubernetes', work);
    const root = join(work, 'root');
    await mkdir(root);
    const source = join(await moduleSource(work, env), 'build', 'pause', 'linux', 'pause.c');
    await run('cc', [
      '-Os',
      '-static',
      '-s',
      `-DVERSION=${KUBERNETES_VERSION}`,
      '-o',
      join(root, 'pause'),
      source,
    ]);
    await writeImageArchive(
      { name: PAUSE_IMAGE, root, config: { Entrypoint: ['/pause'], User: '65535:65535' } },
      target,
    );
    return target;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new LocalClusterError(
      `the pause image could not be made; it takes Go, a C compiler and a static C library (Debian: gcc, libc6-dev): ${stderr || String(error)}`,
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function moduleSource(cwd: string, env: Environment): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', 'k8s.io/kubernetes'], {
    cwd,
    env: { ...env, GOFLAGS: '', GOWORK: 'off' },
  });
  return (JSON.parse(stdout) as { readonly Dir: string }).Dir;
}
