import { access, constants, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.ts';
import type { Environment } from './environment.ts';
import { LocalClusterError } from './errors.ts';
import type { OnProgress } from './progress.ts';
import { type ControlPlaneProgramName, PROGRAMS, type Program, type ProgramName } from './versions.ts';
import { openVersionMemory, type VersionMemory } from './version-memory.ts';

/** Absolute path of every program. */
export type Paths<Name extends ProgramName> = Readonly<Record<Name, string>>;
export type Binaries = Paths<ControlPlaneProgramName>;

/** Finds the control plane's programs, or builds them, as `locatePrograms` does. */
export function locateBinaries(
  env: Environment,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<Binaries> {
  return locatePrograms(PROGRAMS, env, onProgress, signal);
}

/**
 * Finds programs: in `KUBEBUILDER_ASSETS`, else in the user's cache folder; what is in
 * neither is built from its pinned Go module, once.
 *
 * @throws LocalClusterError for a program of another version in `KUBEBUILDER_ASSETS`, without Go, when a build
 *   fails, or when the signal is aborted.
 */
export async function locatePrograms<Name extends ProgramName>(
  programs: readonly Program<Name>[],
  env: Environment,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<Paths<Name>> {
  const cache = cacheFolder(env);
  const memory = await openVersionMemory(join(cache, 'versions.json'));
  const found: Partial<Record<ProgramName, string>> = {};
  const missing: Program<Name>[] = [];
  for (const program of programs) {
    const path = (await fromAssets(program, env, memory)) ?? (await fromCache(program, cache, memory));
    if (path === undefined) missing.push(program);
    else found[program.name] = path;
  }
  for (const [index, program] of missing.entries()) {
    const target = cachedPath(program, cache);
    await build(program, target, {
      env,
      cache,
      onProgress: (news) => onProgress({ step: index + 1, total: missing.length, ...news }),
      ...(signal && { signal }),
    });
    found[program.name] = await verified(program, target, memory);
  }
  await memory.save();
  return found as Paths<Name>;
}

/** The user's cache folder for everynode, as the platform has it. */
export function cacheFolder(env: Environment, platform: string = process.platform): string {
  const home = env.HOME || homedir();
  const base = platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
  return join(env.XDG_CACHE_HOME || base, 'everynode', 'assets');
}

function cachedPath({ module, version, name }: Program, cache: string): string {
  return join(cache, `${module}-${version}`, name);
}

/** What the user points at has to be right: to build another in silence would not be what they asked for. */
async function fromAssets(
  program: Program,
  { KUBEBUILDER_ASSETS: folder }: Environment,
  memory: VersionMemory,
): Promise<string | undefined> {
  if (!folder) return undefined;
  const path = join(folder, program.name);
  if (!(await isExecutable(path))) return undefined;
  const wanted = program.version.slice(1);
  const version = await memory.versionOf(program, path);
  if (version === wanted) return path;
  throw new LocalClusterError(
    `${path} is ${program.name} ${version ?? 'of an unknown version'}, and ${wanted} is needed; put that version ` +
      'into KUBEBUILDER_ASSETS, remove the file to have it built from source, or unset the variable',
  );
}

/** The cache is ours: what does not work there is built again. */
async function fromCache(
  program: Program,
  cache: string,
  memory: VersionMemory,
): Promise<string | undefined> {
  const path = cachedPath(program, cache);
  if (!(await isExecutable(path))) return undefined;
  if ((await memory.versionOf(program, path)) === program.version.slice(1)) return path;
  await rm(path, { force: true });
  return undefined;
}

async function verified(program: Program, path: string, memory: VersionMemory): Promise<string> {
  const version = await memory.versionOf(program, path);
  if (version === program.version.slice(1)) return path;
  throw new LocalClusterError(
    `${path} was built just now and does not answer as ${program.name} ${program.version}, but ` +
      `${version === undefined ? 'not at all' : `as ${version}`}; remove the file and run again`,
  );
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
