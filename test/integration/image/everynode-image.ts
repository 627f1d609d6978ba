import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../src/localcluster/binaries.ts';
import { writeImageArchive } from '../../../src/localcluster/image-archive.ts';
import {
  addBuildTools,
  BUILD_PACKAGES,
  makeDebianRoot,
  packageVersions,
  RUNTIME_PACKAGES,
} from './debian-root.ts';

const run = promisify(execFile);
const REPOSITORY = 'localhost/everynode';
/** All that the Dockerfile copies, and what says so. */
const SOURCES: readonly string[] = [
  'Dockerfile',
  '.dockerignore',
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.json',
  'rolldown.config.ts',
  'rolldown.page.config.ts',
  'src',
];

export type BuiltImage = {
  /** Name with tag, as pods name it. */
  readonly name: string;
  /** For `loadImage`. */
  readonly archive: string;
};

/**
 * The image of our Dockerfile, built with buildah on a base of a few Debian packages, so that no registry of images
 * is needed. Kept in the cache folder until something changes that goes into it.
 */
export async function everynodeImage(): Promise<BuiltImage> {
  const folder = join(cacheFolder(process.env), 'images');
  const tag = await fingerprint();
  const name = `${REPOSITORY}:${tag}`;
  const archive = join(folder, `everynode-${tag}.tar`);
  if (existsSync(archive)) return { name, archive };
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'build-'));
  try {
    await build(work, name);
    await removeOldImages(folder);
    await rename(join(work, 'everynode.tar'), archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { name, archive };
}

async function build(work: string, name: string): Promise<void> {
  const base = await makeImage(work, 'base', RUNTIME_PACKAGES);
  const tools = await makeImage(work, 'tools', BUILD_PACKAGES);
  const policy = join(work, 'policy.json');
  await writeFile(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const buildah = async (command: string, ...args: string[]): Promise<void> => {
    const storage = [
      '--storage-driver=vfs',
      `--root=${join(work, 'storage')}`,
      `--runroot=${join(work, 'run')}`,
    ];
    await run('buildah', [...storage, command, `--signature-policy=${policy}`, ...args], {
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, TMPDIR: work },
    });
  };
  const volumes = (await sharedWithNpm()).map((volume) => `--volume=${volume}`);
  const stages = [`--build-arg=BASE_IMAGE=${base}`, `--build-arg=BUILD_IMAGE=${tools}`];
  const isolation = ['--isolation=chroot', '--network=host', '--layers=false'];
  await buildah('build', ...isolation, ...volumes, ...stages, `--tag=${name}`, '.');
  await buildah('push', name, `docker-archive:${join(work, 'everynode.tar')}:${name}`);
}

async function makeImage(work: string, name: 'base' | 'tools', packages: readonly string[]): Promise<string> {
  const root = join(work, name);
  await makeDebianRoot(root, packages);
  if (name === 'tools') await addBuildTools(root);
  const archive = join(work, `${name}.tar`);
  // npm's cache has been filled by the installation here: to ask the registry about each package again takes minutes.
  const Env = ['PATH=/usr/local/bin:/usr/bin:/bin', 'HOME=/root', 'npm_config_prefer_offline=true'];
  if (name === 'tools') Env.push('NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt');
  await writeImageArchive({ name: `localhost/everynode-${name}:test`, root, config: { Env } }, archive);
  return `docker-archive:${archive}`;
}

/** What makes `npm ci` work here makes it work in the build: the user's settings, what is cached, trusted certificates. */
async function sharedWithNpm(): Promise<readonly string[]> {
  const setting = async (name: string): Promise<string> =>
    (await run('npm', ['config', 'get', name])).stdout.trim();
  const shared = [
    [await setting('cache'), '/root/.npm'],
    [await setting('userconfig'), '/root/.npmrc:ro'],
    ['/etc/ssl/certs', '/etc/ssl/certs:ro'],
  ];
  return shared.filter(([path = '']) => existsSync(path)).map((parts) => parts.join(':'));
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  hash.update(await packageVersions(BUILD_PACKAGES));
  hash.update(process.version);
  for (const path of SOURCES) await addTo(hash, path);
  return hash.digest('hex').slice(0, 16);
}

async function addTo(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) {
    hash.update(`${path}\0`).update(await readFile(path));
    return;
  }
  for (const name of entries.map((entry) => entry.name).toSorted()) await addTo(hash, join(path, name));
}

async function removeOldImages(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('everynode-')) await rm(join(folder, name));
  }
}
