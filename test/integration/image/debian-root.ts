import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a program needs that is linked to glibc and libstdc++, and certificates for TLS: as in distroless `cc` images. */
export const RUNTIME_PACKAGES: readonly string[] = ['libc6', 'libgcc-s1', 'libstdc++6', 'ca-certificates'];
/** Besides, what a build stage needs: commands, and the library of Node that the base lacks. */
export const BUILD_PACKAGES: readonly string[] = [...RUNTIME_PACKAGES, 'busybox-static', 'libatomic1'];

const BUNDLE = 'etc/ssl/certs/ca-certificates.crt';
const PASSWD =
  'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n';

/** The versions that would be installed, as one text that changes with any of them. */
export async function packageVersions(packages: readonly string[]): Promise<string> {
  const { stdout } = await run('apt-get', ['download', '--print-uris', ...packages]);
  return stdout;
}

/** Fills an empty folder with Debian packages, with nothing of what their installation scripts would do. */
export async function makeDebianRoot(root: string, packages: readonly string[]): Promise<void> {
  for (const folder of ['bin', 'lib', 'lib64', 'sbin']) {
    await mkdir(join(root, 'usr', folder), { recursive: true });
    await symlink(`usr/${folder}`, join(root, folder));
  }
  await mkdir(join(root, 'tmp'), { mode: 0o1777 });
  await mkdir(join(root, 'root'));
  const downloads = await mkdtemp(`${root}-debs-`);
  try {
    await run('apt-get', ['download', '-o', 'APT::Sandbox::User=root', ...packages], { cwd: downloads });
    for (const file of await readdir(downloads)) await unpack(join(downloads, file), root);
  } finally {
    await rm(downloads, { recursive: true });
  }
  await mkdir(join(root, 'etc/ssl/certs'), { recursive: true });
  await writeFile(join(root, BUNDLE), await certificates(root));
  // A script, for a shell that is not there.
  await rm(join(root, 'usr/sbin/update-ca-certificates'), { force: true });
  await writeFile(join(root, 'etc/passwd'), PASSWD);
}

/** Adds the applets of busybox, npm as it is installed here, and the Node that runs this. */
export async function addBuildTools(root: string): Promise<void> {
  const { stdout: applets } = await run(join(root, 'bin/busybox'), ['--list']);
  for (const applet of applets.split('\n').filter((name) => name && name !== 'busybox')) {
    await symlink('busybox', join(root, 'bin', applet)).catch(() => undefined);
  }
  const bin = join(root, 'usr/local/bin');
  const modules = join(root, 'usr/local/lib/node_modules');
  await mkdir(bin, { recursive: true });
  await mkdir(modules, { recursive: true });
  await run('cp', ['-a', await npmFolder(), join(modules, 'npm')]);
  await run('cp', [await realpath(process.execPath), join(bin, 'node')]);
  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  }
}

/** The command is a link to `bin/npm-cli.js` of its package. */
async function npmFolder(): Promise<string> {
  const { stdout: command } = await run('sh', ['-c', 'command -v npm']);
  return dirname(dirname(await realpath(command.trim())));
}

/** Into `usr`, where old packages still name `lib`. */
async function unpack(file: string, root: string): Promise<void> {
  const from = spawn('dpkg-deb', ['--fsys-tarfile', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const to = spawn('tar', ['-x', '--keep-directory-symlink', '-C', root], {
    stdio: [from.stdout, 'ignore', 'inherit'],
  });
  const codes = await Promise.all([once(from, 'exit'), once(to, 'exit')]);
  if (codes.some(([code]) => code !== 0)) throw new Error(`${file} could not be unpacked`);
}

async function certificates(root: string): Promise<string> {
  const folder = join(root, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(folder)).toSorted();
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
}
