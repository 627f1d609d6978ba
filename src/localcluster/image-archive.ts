import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
// So that the same files make the same image.
const REPRODUCIBLE = [
  '--sort=name',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '--mtime=@0',
  '--format=gnu',
];
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64' };

export type ImageOptions = {
  /** Name with tag. */
  readonly name: string;
  /** Folder that becomes the image's file system. */
  readonly root: string;
  /** The image's configuration, in Docker's words: `Entrypoint`, `Env`, `User`. */
  readonly config?: object;
};

/** Writes an image of one layer, for this machine's architecture, as an archive as `docker save` makes it. */
export async function writeImageArchive(
  { name, root, config = {} }: ImageOptions,
  target: string,
): Promise<void> {
  const work = await mkdtemp(join(dirname(target), 'image-'));
  try {
    await run('tar', [...REPRODUCIBLE, '-C', root, '-cf', join(work, 'layer.tar'), '.']);
    const { arch } = process;
    const description = {
      architecture: ARCHITECTURES[arch] ?? arch,
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: [`sha256:${await sha256(join(work, 'layer.tar'))}`] },
    };
    await writeFile(join(work, 'config.json'), JSON.stringify(description));
    const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
    await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
    const files = ['manifest.json', 'config.json', 'layer.tar'];
    await run('tar', [...REPRODUCIBLE, '-C', work, '-cf', join(work, 'image.tar'), ...files]);
    await rename(join(work, 'image.tar'), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
