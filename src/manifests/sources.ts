import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { decodeManifest, MAX_SOURCE_BYTES, tooLarge } from './decode.ts';
import { type Fault, START } from './fault.ts';

/** Standard input, as kubectl names it. */
export const STDIN = '-';

/** What one file, or standard input, holds: its text, or why it has none. */
export type Source = { readonly name: string } & (
  | { readonly text: string }
  | { readonly fault: Fault }
  /** It could not be read at all; the sentence reads on from its name. */
  | { readonly unreadable: string }
);

/** Ends of the names of files that hold manifests. */
export const EXTENSIONS = /\.(?:ya?ml|json)$/;

/**
 * Reads what `-f` names, one after the other: a file, standard input, or the files of a folder that end in .yaml,
 * .yml or .json, in order of their names; folders within it too where `recursive`. Never throws.
 */
export async function* readSources(
  names: readonly string[],
  { stdin, recursive = false }: { readonly stdin: Readable; readonly recursive?: boolean },
): AsyncGenerator<Source> {
  for (const name of names) {
    if (name === STDIN) yield await readStream(stdin, STDIN);
    else yield* readPath(name, recursive);
  }
}

async function* readPath(name: string, recursive: boolean): AsyncGenerator<Source> {
  try {
    const stats = await stat(name);
    if (!stats.isDirectory()) return yield await readFileSource(name, stats.size);
    const found = await filesIn(name, recursive);
    if (found.length === 0) yield { name, unreadable: 'holds no file that ends in .yaml, .yml or .json' };
    for (const file of found.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      yield 'unreadable' in file ? file : await readFileSource(file.name, file.size);
    }
  } catch (error) {
    yield { name, unreadable: whyUnreadable(error) };
  }
}

/** A file of a folder, or what of the folder cannot be read. */
type Found =
  | { readonly name: string; readonly size: number }
  | { readonly name: string; readonly unreadable: string };

/** Links to folders are not followed: they may lead in a circle. */
async function filesIn(folder: string, recursive: boolean): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const name = join(folder, entry.name);
    try {
      if (entry.isDirectory()) found.push(...(recursive ? await filesIn(name, recursive) : []));
      else if (EXTENSIONS.test(name)) found.push(...(await fileAt(name)));
    } catch (error) {
      found.push({ name, unreadable: whyUnreadable(error) });
    }
  }
  return found;
}

async function fileAt(name: string): Promise<readonly Found[]> {
  const stats = await stat(name);
  if (stats.isDirectory()) return [];
  // Nobody may ever write into a pipe that is found by chance.
  return [stats.isFile() ? { name, size: stats.size } : { name, unreadable: 'is a pipe or a device' }];
}

/** What one file, or pipe, holds. Never throws. */
export async function readSource(name: string): Promise<Source> {
  try {
    const stats = await stat(name);
    if (stats.isDirectory()) return { name, unreadable: 'is a folder' };
    return await readFileSource(name, stats.size);
  } catch (error) {
    return { name, unreadable: whyUnreadable(error) };
  }
}

async function readFileSource(name: string, size: number): Promise<Source> {
  if (size > MAX_SOURCE_BYTES) return { name, fault: { ...START, message: tooLarge(size) } };
  return readStream(createReadStream(name), name);
}

/** Of a stream nobody knows the size before: also of a pipe, or a device, that has a name. */
async function readStream(stream: Readable, name: string): Promise<Source> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > MAX_SOURCE_BYTES) return { name, fault: { ...START, message: tooLarge(size) } };
      chunks.push(bytes);
    }
  } catch (error) {
    return { name, unreadable: whyUnreadable(error) };
  }
  return decoded(name, Buffer.concat(chunks));
}

function decoded(name: string, bytes: Uint8Array): Source {
  const text = decodeManifest(bytes);
  return typeof text === 'string' ? { name, text } : { name, fault: text };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read: permission denied',
  ELOOP: 'does not exist: its links lead in a circle',
  ENOTDIR: 'does not exist: a part of its path is no folder',
};

function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? `cannot be read (${code === '' ? message : code})`;
}
