import { execFile } from 'node:child_process';
import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from './build.ts';
import { LocalClusterError } from './errors.ts';
import type { OnProgress } from './progress.ts';
import { PROGRAMS, type Program, type ProgramName, versionIn } from './versions.ts';

const run = promisify(execFile);

/** Absolute path of every program. */
export type Binaries = Readonly<Record<ProgramName, string>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds the control plane's programs: in `KUBEBUILDER_ASSETS`, else in the user's cache folder; what is in
 * neither is built from its pinned Go module, once.
 *
 * @throws LocalClusterError for a program of another version, without Go, or when a build fails.
 */
export async function locateBinaries(env: Environment, onProgress: OnProgress): Promise<Binaries> {
  const cache = cacheFolder(env);
  await mkdir(cache, { recursive: true });
  const found: Partial<Record<ProgramName, string>> = {};
  const missing: Program[] = [];
  for (const program of PROGRAMS) {
    const path = await find(program, env, cache);
    if (path === undefined) missing.push(program);
    else found[program.name] = path;
  }
  for (const [index, program] of missing.entries()) {
    const step = { step: index + 1, total: missing.length };
    const target = cachedPath(program, cache);
    await build(program, target, {
      env,
      cache,
      onProgress: (progress) => onProgress({ ...step, ...progress }),
    });
    await assertVersion(program, target, cache);
    found[program.name] = target;
  }
  return found as Binaries;
}

/** The user's cache folder for everynode, as the platform has it. */
export function cacheFolder(env: Environment, platform: string = process.platform): string {
  const home = env.HOME ?? homedir();
  const base = platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
  return join(env.XDG_CACHE_HOME ?? base, 'everynode', 'assets');
}

function cachedPath({ module, version, name }: Program, cache: string): string {
  return join(cache, `${module}-${version}`, name);
}

async function find(program: Program, env: Environment, cache: string): Promise<string | undefined> {
  const assets = env.KUBEBUILDER_ASSETS;
  const places = [...(assets ? [join(assets, program.name)] : []), cachedPath(program, cache)];
  for (const place of places) {
    if (!(await isExecutable(place))) continue;
    await assertVersion(program, place, cache);
    return place;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Asks each program only once for its version: starting one takes longer than all the rest of the search. */
async function assertVersion(program: Program, path: string, cache: string): Promise<void> {
  const { mtimeMs, size } = await stat(path);
  const known = join(cache, 'versions.json');
  const versions = await readVersions(known);
  const key = `${path}:${mtimeMs}:${size}`;
  const version = versions[key] ?? (await askVersion(program, path));
  if (version !== program.version.slice(1)) {
    throw new LocalClusterError(
      `${path} is ${program.name} ${version ?? 'of an unknown version'}, and ${program.version.slice(1)} is needed; ` +
        'point KUBEBUILDER_ASSETS at a folder with that version, or unset it to have it built',
    );
  }
  if (versions[key] === undefined) await writeFile(known, JSON.stringify({ ...versions, [key]: version }));
}

async function readVersions(file: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
  } catch {
    // Missing, or half written by another process: then the programs are asked again.
    return {};
  }
}

async function askVersion({ versionArgs, name }: Program, path: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(path, versionArgs, { timeout: 30_000 });
    return versionIn(stdout + stderr);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new LocalClusterError(`${path} does not run as ${name}: ${why}`, { cause: error });
  }
}
