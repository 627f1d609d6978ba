import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, locateBinaries } from '../../src/localcluster/binaries.ts';
import type { Environment } from '../../src/localcluster/environment.ts';
import type { Progress } from '../../src/localcluster/progress.ts';
import { PROGRAMS } from '../../src/localcluster/versions.ts';
import { isRunning } from './is-running.ts';

let folder: string;
let cache: string;
let bin: string;
let news: Progress[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-binaries-'));
  cache = join(folder, 'everynode', 'assets');
  bin = join(folder, 'bin');
  await mkdir(bin);
  news = [];
});

afterEach(() => rm(folder, { recursive: true }));

const locate = (extra: Environment = {}, signal?: AbortSignal): ReturnType<typeof locateBinaries> => {
  const env = {
    HOME: folder,
    XDG_CACHE_HOME: folder,
    PATH: [bin, '/usr/bin', '/bin'].join(delimiter),
    ...extra,
  };
  return locateBinaries(env, (progress) => news.push(progress), signal);
};

/** A program that says the version, and notes that it was asked. */
const program = (version: string): string => `#!/bin/sh\necho asked >> "$0.asked"\necho "v${version}"\n`;

async function install(path: string, script: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, script, { mode: 0o755 });
}

const cached = (name: string): string => {
  const { module, version } = PROGRAMS.find((program) => program.name === name)!;
  return join(cache, `${module}-${version}`, name);
};

/** A `go` that writes such programs, and notes each build in `builds`. */
async function installGo({ before = '', version = '1.26.0' } = {}): Promise<void> {
  const versions = PROGRAMS.map((each) => `    ${each.package}) version=${each.version.slice(1)} ;;`);
  const script = `#!/bin/sh
if [ "$1" = env ]; then echo go${version}; exit; fi
echo "$CGO_ENABLED $GOWORK $*" >> ${folder}/builds
test -f go.mod && test -f go.sum || exit 9
${before}
for package in "$@"; do :; done
while [ "$1" != -o ]; do shift; done
case "$package" in
${versions.join('\n')}
esac
printf '#!/bin/sh\\necho asked >> "$0.asked"\\necho v%s\\n' "$version" > "$2"
chmod +x "$2"
`;
  await install(join(bin, 'go'), script);
}

async function builds(): Promise<readonly string[]> {
  const text = await readFile(join(folder, 'builds'), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean);
}

/** Work in progress that was left behind. */
async function litter(): Promise<readonly string[]> {
  const names = await readdir(cache, { recursive: true });
  return names.filter((name) => /build-|lock|program/.test(name));
}

describe('what is in the cache or in KUBEBUILDER_ASSETS', () => {
  it('is found without Go, in KUBEBUILDER_ASSETS first', async () => {
    const assets = join(folder, 'assets');
    for (const { name, version } of PROGRAMS) await install(cached(name), program(version.slice(1)));
    await install(join(assets, 'etcd'), program('3.6.16'));
    const found = await locate({ KUBEBUILDER_ASSETS: assets });
    expect(found.etcd).toBe(join(assets, 'etcd'));
    expect(found.kwok).toBe(cached('kwok'));
    expect(news).toEqual([]);
  });

  it('is asked for its version once, until the file changes', async () => {
    for (const { name, version } of PROGRAMS) await install(cached(name), program(version.slice(1)));
    const asked = async (): Promise<number> =>
      (await readFile(`${cached('kwok')}.asked`, 'utf8')).split('\n').length - 1;
    await locate();
    await locate();
    expect(await asked()).toBe(1);
    await install(cached('kwok'), `${program('0.8.0')}# another file\n`);
    await locate();
    expect(await asked()).toBe(2);
  });

  it('is refused in KUBEBUILDER_ASSETS when it has another version', async () => {
    const path = join(folder, 'kube-apiserver');
    await install(path, program('1.35.1'));
    await expect(locate({ KUBEBUILDER_ASSETS: folder })).rejects.toThrow(
      `${path} is kube-apiserver 1.35.1, and 1.36.3 is needed; put that version into KUBEBUILDER_ASSETS, remove the file to have it built from source, or unset the variable`,
    );
  });

  it('is refused in KUBEBUILDER_ASSETS when it does not run', async () => {
    const path = join(folder, 'etcd');
    await install(path, '#!/bin/sh\nexit 1\n');
    await expect(locate({ KUBEBUILDER_ASSETS: folder })).rejects.toThrow(
      `${path} is etcd of an unknown version, and 3.6.16 is needed`,
    );
  });
});

describe('what is missing', () => {
  it('is built, reproducibly, one step at a time', async () => {
    await installGo();
    const found = await locate();
    for (const { name } of PROGRAMS) expect(found[name]).toBe(cached(name));
    expect((await builds()).map((line) => line.split(' ').at(-1))).toEqual(
      PROGRAMS.map((program) => program.package),
    );
    expect((await builds())[1]).toMatch(
      /^0 off build -mod=readonly -trimpath -ldflags -s -w -X \S+gitVersion=v1\.36\.3 /,
    );
    expect(news.filter(({ step }) => step === 2)).toEqual([
      {
        step: 2,
        total: 6,
        name: 'building kube-apiserver v1.36.3 from source (first time only, takes minutes)',
        state: 'started',
        seconds: 0,
      },
      expect.objectContaining({ step: 2, total: 6, state: 'done' }),
    ]);
    expect(await litter()).toEqual([]);
    await locate();
    expect(await builds()).toHaveLength(6);
  });

  it('is built once when two ask at the same time', async () => {
    await installGo();
    const [one, other] = await Promise.all([locate(), locate()]);
    expect(one).toEqual(other);
    expect(await builds()).toHaveLength(6);
    expect(news.some(({ name }) => name === 'waiting for another process that builds etcd')).toBe(true);
  });

  it('is built again when what is in the cache does not run', async () => {
    await installGo();
    for (const { name, version } of PROGRAMS) await install(cached(name), program(version.slice(1)));
    await install(cached('kwok'), '#!/bin/sh\nexit 1\n');
    await locate();
    expect(await builds()).toHaveLength(1);
    expect(await readFile(cached('kwok'), 'utf8')).toContain('v0.8.0');
  });

  it('fails with the end of what Go said, and leaves nothing', async () => {
    await installGo({
      before: 'i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo "main.go:$i: wrong" >&2; done; exit 1',
    });
    const error: unknown = await locate().catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'LocalClusterError' });
    const { message } = error as Error;
    expect(message).toContain('building etcd v3.6.16 from the Go module "etcd" failed');
    expect(message).toContain('main.go:30: wrong');
    expect(message).not.toContain('main.go:10: wrong');
    expect(existsSync(cached('etcd'))).toBe(false);
    expect(await litter()).toEqual([]);
  });

  it('is given up when the signal is aborted, compilers included', async () => {
    await installGo({ before: `sleep 60 & echo $! > ${join(folder, 'compiler')}; wait` });
    const controller = new AbortController();
    const locating = locate({}, controller.signal);
    const stopped = expect(locating).rejects.toThrow('the start of the local cluster was interrupted');
    const compiler = (): Promise<string> => readFile(join(folder, 'compiler'), 'utf8').catch(() => '');
    await expect.poll(compiler).toMatch(/\d\n/);
    const pid = Number(await compiler());
    expect(isRunning(pid)).toBe(true);
    controller.abort();
    await stopped;
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(await litter()).toEqual([]);
  });

  it('needs Go', async () => {
    await expect(locate({ PATH: '' })).rejects.toThrow(
      'the control plane has to be built once, and Go is missing; install Go 1.26 or newer (https://go.dev/dl), or point KUBEBUILDER_ASSETS at a folder with etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and kwok',
    );
    expect(await litter()).toEqual([]);
  });

  it('needs a Go that is new enough', async () => {
    await installGo({ version: '1.25.3' });
    await expect(locate()).rejects.toThrow('Go 1.25.3 is too old; install Go 1.26 or newer');
    expect(await builds()).toEqual([]);
  });

  it('needs a Go that works', async () => {
    await install(join(bin, 'go'), '#!/bin/sh\necho "go: toolchain not available" >&2\nexit 1\n');
    await expect(locate()).rejects.toThrow(/Go does not work; install Go 1\.26.*toolchain not available/s);
  });

  it('needs a cache that can be written to', async () => {
    await installGo();
    await writeFile(join(folder, 'file'), '');
    await expect(locate({ XDG_CACHE_HOME: join(folder, 'file') })).rejects.toThrow(
      /file\/everynode\/assets\/etcd-v3\.6\.16, where .* cannot be written to; set XDG_CACHE_HOME/,
    );
  });
});

it('the cache folder is the platform’s', () => {
  expect(cacheFolder({ HOME: '/home/me' }, 'linux')).toBe('/home/me/.cache/everynode/assets');
  expect(cacheFolder({ HOME: '/home/me' }, 'darwin')).toBe('/home/me/Library/Caches/everynode/assets');
  expect(cacheFolder({ HOME: '/home/me', XDG_CACHE_HOME: '/cache' }, 'darwin')).toBe(
    '/cache/everynode/assets',
  );
});
