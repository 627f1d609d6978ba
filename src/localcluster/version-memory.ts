import { execFile } from 'node:child_process';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Program, versionIn } from './versions.ts';

const run = promisify(execFile);

type Known = { readonly mtimeMs: number; readonly size: number; readonly version: string };

/** Asks programs for their versions, each file only once: to start one takes longer than the rest of the search. */
export type VersionMemory = {
  /** The version without its `v`, or undefined when the file does not run or says none. */
  readonly versionOf: (program: Program, path: string) => Promise<string | undefined>;
  /** Remembers the answers for the next process; a folder that cannot be written to is no failure. */
  readonly save: () => Promise<void>;
};

/** @param file JSON, made when it is missing. */
export async function openVersionMemory(file: string): Promise<VersionMemory> {
  const known = new Map(Object.entries(await readKnown(file)));
  let isChanged = false;
  return {
    versionOf: async (program, path) => {
      const { mtimeMs, size } = await stat(path);
      const before = known.get(path);
      if (before?.mtimeMs === mtimeMs && before.size === size) return before.version;
      const version = await askVersion(program, path);
      if (version === undefined) return undefined;
      known.set(path, { mtimeMs, size, version });
      isChanged = true;
      return version;
    },
    save: async () => {
      if (!isChanged) return;
      const part = `${file}.${process.pid}`;
      await writeFile(part, JSON.stringify(Object.fromEntries(known), undefined, 2))
        .then(() => rename(part, file))
        .catch(() => undefined);
    },
  };
}

async function readKnown(file: string): Promise<Record<string, Known>> {
  try {
    const known: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof known === 'object' && known !== null ? (known as Record<string, Known>) : {};
  } catch {
    return {};
  }
}

async function askVersion({ versionArgs }: Program, path: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(path, versionArgs, { timeout: 30_000 });
    return versionIn(stdout + stderr);
  } catch {
    return undefined;
  }
}
