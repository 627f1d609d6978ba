import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Environment } from './binaries.ts';
import { LocalClusterError, tail } from './errors.ts';
import { type Progress, reporting } from './progress.ts';
import type { Program } from './versions.ts';

const run = promisify(execFile);
const MIN_GO = [1, 26] as const;

export type BuildOptions = {
  readonly env: Environment;
  readonly cache: string;
  readonly onProgress: (news: Pick<Progress, 'name' | 'state' | 'seconds'>) => void;
};

/**
 * Builds a program from its pinned Go module into `target`. The file appears there whole or not at all, and two
 * processes never build the same one at the same time.
 *
 * @throws LocalClusterError without a Go that is new enough, or with the end of the compiler's output.
 */
export async function build(program: Program, target: string, options: BuildOptions): Promise<void> {
  await assertGo(options.env);
  await mkdir(dirname(target), { recursive: true });
  const release = await lock(`${target}.lock`);
  try {
    if (existsSync(target)) return;
    const name = `building ${program.name} ${program.version} from source (first time only, takes minutes)`;
    await reporting(name, options.onProgress, () => compile(program, target, options));
  } finally {
    await release();
  }
}

async function compile(program: Program, target: string, { env, cache }: BuildOptions): Promise<void> {
  // The folder that we were installed to may be read-only, and Go writes beside go.mod.
  const workspace = join(cache, `build-${process.pid}-${program.name}`);
  const part = `${target}.part-${process.pid}`;
  try {
    await cp(moduleFolder(program), workspace, { recursive: true });
    await run(
      'go',
      [
        'build',
        '-mod=readonly',
        '-trimpath',
        '-ldflags',
        `-s -w ${program.ldflags}`,
        '-o',
        part,
        program.package,
      ],
      { cwd: workspace, env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' }, maxBuffer: 64 * 1024 * 1024 },
    );
    await rename(part, target);
  } catch (error) {
    const output = (error as { stderr?: string }).stderr ?? String(error);
    throw new LocalClusterError(
      `building ${program.name} ${program.version} failed; the Go module proxy must be reachable. Go said:\n${tail(output)}`,
      { cause: error },
    );
  } finally {
    await rm(part, { force: true });
    await rm(workspace, { recursive: true, force: true });
  }
}

/** Beside this file in `src`, one folder further in `dist`, where everything is bundled. */
function moduleFolder({ module }: Program): string {
  const candidates = [
    `./modules/${module}/`,
    `./localcluster/modules/${module}/`,
    `../localcluster/modules/${module}/`,
  ];
  const found = candidates
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (!found)
    throw new LocalClusterError(
      `the go.mod of ${module} is not part of this installation; install everynode again`,
    );
  return found;
}

async function assertGo(env: Environment): Promise<void> {
  let version: string;
  try {
    version = (await run('go', ['env', 'GOVERSION'], { env: { ...env } })).stdout.trim();
  } catch (error) {
    throw new LocalClusterError(
      `the control plane has to be built once, and Go is missing; install Go ${MIN_GO.join('.')} or newer, or point KUBEBUILDER_ASSETS at a folder with etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and kwok`,
      { cause: error },
    );
  }
  const [major = 0, minor = 0] = version.replace(/^go/, '').split('.').map(Number);
  if (major < MIN_GO[0] || (major === MIN_GO[0] && minor < MIN_GO[1])) {
    throw new LocalClusterError(
      `Go ${version.replace(/^go/, '')} is too old; install Go ${MIN_GO.join('.')} or newer`,
    );
  }
}

/** Waits until no living process builds the same program. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(await readFile(path, 'utf8').catch(() => '0'));
      if (isAlive(holder)) await sleep(1_000);
      else await rm(path, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
