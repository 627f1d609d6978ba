import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environment.ts';
import { interrupted, LocalClusterError, tail } from './errors.ts';
import { assertGo } from './go.ts';
import { type Release, tryLock, waitForLock } from './lock.ts';
import { type Progress, reporting } from './progress.ts';
import type { Program } from './versions.ts';
import { startWatchdog } from './watchdog.ts';

export type BuildOptions = {
  readonly env: Environment;
  /** Folder for the work in progress, on the same file system as the target. */
  readonly cache: string;
  readonly onProgress: (news: Pick<Progress, 'name' | 'state' | 'seconds'>) => void;
  readonly signal?: AbortSignal;
};

/**
 * Builds a program from its pinned Go module into `target`. The file appears there whole or not at all, and two
 * processes do not build the same one at the same time.
 *
 * @throws LocalClusterError without a Go that is new enough, with the end of the compiler's output, or when the
 *   signal is aborted.
 */
export async function build(program: Program, target: string, options: BuildOptions): Promise<void> {
  await makeFolder(dirname(target));
  const release = await lockFor(program, `${target}.lock`, options);
  try {
    if (existsSync(target)) return;
    const name = `building ${program.name} ${program.version} from source (first time only, takes minutes)`;
    await reporting(name, options.onProgress, () => compile(program, target, options));
  } finally {
    await release();
  }
}

async function lockFor({ name }: Program, path: string, options: BuildOptions): Promise<Release> {
  const release = await tryLock(path);
  if (release) return release;
  const news = `waiting for another process that builds ${name}`;
  try {
    return await reporting(news, options.onProgress, () => waitForLock(path, options.signal));
  } catch (error) {
    throw options.signal?.aborted ? interrupted(options.signal) : error;
  }
}

async function compile(program: Program, target: string, options: BuildOptions): Promise<void> {
  // A copy, because the folder that we were installed to may be read-only.
  const workspace = await mkdtemp(join(options.cache, `build-${program.name}-`));
  const watchdog = startWatchdog(workspace);
  try {
    await copyModule(program.module, workspace);
    await assertGo(workspace, options.env);
    const { cgoTags } = program;
    const env = { ...options.env, CGO_ENABLED: cgoTags ? '1' : '0', GOFLAGS: '', GOWORK: 'off' };
    const part = join(workspace, 'program');
    const ldflags = `-s -w ${program.ldflags}`;
    const tags = cgoTags ? ['-tags', cgoTags] : [];
    const flags = ['-mod=readonly', '-trimpath', ...tags, '-ldflags', ldflags, '-o', part];
    const args = ['build', ...flags, program.package];
    const go = watchdog.launch('go', args, { env, cwd: workspace });
    const { code, output } = await ended(go, options.signal);
    if (options.signal?.aborted) throw interrupted(options.signal);
    if (code !== 0) throw buildError(program, output);
    await rename(part, target);
  } finally {
    await rm(workspace, { recursive: true, force: true });
    watchdog.dismiss();
  }
}

function buildError({ name, version, module }: Program, output: string): LocalClusterError {
  return new LocalClusterError(
    `building ${name} ${version} from the Go module "${module}" failed; if modules could not be downloaded, check ` +
      `the network and GOPROXY, then run again. Go said:\n${tail(output)}`,
  );
}

/** Waits for the end of a piped process. An aborted signal ends its whole group: the compilers too. */
async function ended(
  child: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<{ readonly code: number | null; readonly output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-65_536);
    });
  }
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  signal?.addEventListener('abort', kill);
  if (signal?.aborted) kill();
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('close', resolve);
      child.once('error', reject);
    });
    return { code, output };
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new LocalClusterError(
      `${folder}, where the control plane is to be built, cannot be written to; set XDG_CACHE_HOME to a folder that can`,
      { cause: error },
    );
  }
}

/** Puts the go.mod and go.sum of one of our modules into the folder. */
export async function copyModule(module: Program['module'], workspace: string): Promise<void> {
  const folder = moduleFolder(module);
  // Not a copy of the folder: its mode may forbid to remove the copy again.
  for (const file of ['go.mod', 'go.sum']) {
    await writeFile(join(workspace, file), await readFile(join(folder, file)));
  }
}

/** Beside this file in `src`, elsewhere in `dist`, where everything is bundled. */
function moduleFolder(module: Program['module']): string {
  const candidates = [
    `./modules/${module}/`,
    `./localcluster/modules/${module}/`,
    `../localcluster/modules/${module}/`,
  ].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = candidates.find((path) => existsSync(join(path, 'go.mod')));
  if (found === undefined) {
    throw new LocalClusterError(
      `the Go module "${module}" is not part of this installation (looked in ${candidates.join(', ')}); install everynode again`,
    );
  }
  return found;
}
