import { readdir, readFile, stat } from 'node:fs/promises';
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

const EXTENSIONS = /\.(?:ya?ml|json)$/;

/**
 * Reads what `-f` names, one after the other: a file, standard input, or the files of a folder that end in .yaml,
 * .yml or .json, in order of their names; folders within it too where `recursive`. Never throws.
 */
export async function* readSources(
  names: readonly string[],
  { stdin, recursive = false }: { readonly stdin: Readable; readonly recursive?: boolean },
): AsyncGenerator<Source> {
  for (const name of names) {
    if (name === STDIN) yield await readStream(stdin);
    else yield* readPath(name, recursive);
  }
}

async function* readPath(name: string, recursive: boolean): AsyncGenerator<Source> {
  try {
    const files = (await stat(name)).isDirectory() ? await filesOf(name, recursive) : [name];
    if (files.length === 0) yield { name, unreadable: 'holds no file that ends in .yaml, .yml or .json' };
    for (const file of files) yield await readFileSource(file);
  } catch (error) {
    yield { name, unreadable: whyUnreadable(error) };
  }
}

async function filesOf(folder: string, recursive: boolean): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive });
  return entries
    .filter((entry) => !entry.isDirectory() && EXTENSIONS.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
}

async function readFileSource(name: string): Promise<Source> {
  try {
    const { size } = await stat(name);
    if (size > MAX_SOURCE_BYTES) return { name, fault: { ...START, message: tooLarge(size) } };
    return decoded(name, await readFile(name));
  } catch (error) {
    return { name, unreadable: whyUnreadable(error) };
  }
}

async function readStream(stdin: Readable): Promise<Source> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stdin as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > MAX_SOURCE_BYTES) return { name: STDIN, fault: { ...START, message: tooLarge(size) } };
      chunks.push(bytes);
    }
  } catch (error) {
    return { name: STDIN, unreadable: whyUnreadable(error) };
  }
  return decoded(STDIN, Buffer.concat(chunks));
}

function decoded(name: string, bytes: Uint8Array): Source {
  const text = decodeManifest(bytes);
  return typeof text === 'string' ? { name, text } : { name, fault: text };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read: permission denied',
  ENOTDIR: 'does not exist: a part of its path is no folder',
};

function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? `cannot be read (${code === '' ? message : code})`;
}
