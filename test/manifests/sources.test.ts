import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSources, type Source } from '../../src/manifests/sources.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-sources-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function read(
  names: readonly string[],
  { stdin = Readable.from([]), recursive = false } = {},
): Promise<readonly Source[]> {
  return Array.fromAsync(readSources(names, { stdin, recursive }));
}

it('reads the manifests of a folder in order of their names, and no other file', async () => {
  for (const name of ['b.yaml', 'a.yml', 'c.json', 'notes.txt']) await writeFile(join(folder, name), name);
  await mkdir(join(folder, 'd.yaml'));
  await writeFile(join(folder, 'd.yaml', 'e.yaml'), 'deep');
  const names = (sources: readonly Source[]): readonly string[] => sources.map(({ name }) => name);
  const flat = ['a.yml', 'b.yaml', 'c.json'].map((name) => join(folder, name));
  expect(names(await read([folder]))).toEqual(flat);
  expect(names(await read([folder], { recursive: true }))).toEqual([
    ...flat,
    join(folder, 'd.yaml', 'e.yaml'),
  ]);
});

it('reads a file whatever its name is, and standard input', async () => {
  await writeFile(join(folder, 'agent'), 'a: 1');
  const stdin = Readable.from([
    Buffer.from('b: '),
    Buffer.from('ü').subarray(0, 1),
    Buffer.from('ü').subarray(1),
  ]);
  expect(await read([join(folder, 'agent'), '-'], { stdin })).toEqual([
    { name: join(folder, 'agent'), text: 'a: 1' },
    { name: '-', text: 'b: ü' },
  ]);
});

it('says why something cannot be read, and reads the rest', async () => {
  await writeFile(join(folder, 'agent'), 'a: 1');
  expect(await read([join(folder, 'no'), folder, join(folder, 'agent', 'x'), join(folder, 'agent')])).toEqual(
    [
      { name: join(folder, 'no'), unreadable: 'does not exist' },
      { name: folder, unreadable: 'holds no file that ends in .yaml, .yml or .json' },
      { name: join(folder, 'agent', 'x'), unreadable: 'does not exist: a part of its path is no folder' },
      { name: join(folder, 'agent'), text: 'a: 1' },
    ],
  );
});

it('follows links to files, and none to folders, which may lead in a circle', async () => {
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'sub', 'a.yaml'), 'a: 1');
  await symlink('a.yaml', join(folder, 'sub', 'b.yaml'));
  for (const name of ['c', 'd.yaml']) await symlink('..', join(folder, 'sub', name));
  await symlink('e.yaml', join(folder, 'sub', 'e.yaml'));
  expect(await read([folder], { recursive: true })).toEqual([
    { name: join(folder, 'sub', 'a.yaml'), text: 'a: 1' },
    { name: join(folder, 'sub', 'b.yaml'), text: 'a: 1' },
    { name: join(folder, 'sub', 'e.yaml'), unreadable: 'does not exist: its links lead in a circle' },
  ]);
});

it('reads a pipe that is named, and none that is in a folder', async () => {
  const pipe = join(folder, 'pipe.yaml');
  execFileSync('mkfifo', [pipe]);
  expect(await read([folder])).toEqual([{ name: pipe, unreadable: 'is a pipe or a device' }]);
  const [sources] = await Promise.all([read([pipe]), writeFile(pipe, 'a: 1')]);
  expect(sources).toEqual([{ name: pipe, text: 'a: 1' }]);
  expect(await read(['/dev/zero'])).toMatchObject([{ fault: { message: expect.stringMatching(/32 MiB/) } }]);
});

it('reads no more of a stream than it takes', async () => {
  const piece = Buffer.alloc(1024 * 1024, 32);
  let given = 0;
  const stdin = Readable.from(
    (function* () {
      for (; given < 1000; given += 1) yield piece;
    })(),
  );
  expect(await read(['-'], { stdin })).toMatchObject([
    { fault: { message: expect.stringMatching(/at most 32 MiB/) } },
  ]);
  expect(given).toBeLessThan(100);
});

it('tells what is binary', async () => {
  await writeFile(join(folder, 'x.yaml'), Buffer.from([0, 1]));
  expect(await read([folder])).toMatchObject([{ fault: { line: 1, column: 1 } }]);
});
