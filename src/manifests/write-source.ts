import { randomUUID } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Puts a text in the place of a file at once: whoever reads it has the old one or the new one. Follows links, and
 * keeps the mode.
 *
 * @returns why it could not be written, as a sentence that reads on from the name; undefined when it was.
 */
export async function writeSource(name: string, text: string): Promise<string | undefined> {
  let beside: string | undefined;
  try {
    const file = await realpath(name);
    const { mode } = await stat(file);
    beside = `${file}.${randomUUID()}`;
    await writeFile(beside, text, { flag: 'wx', mode });
    await rename(beside, file);
    return undefined;
  } catch (error) {
    if (beside !== undefined) await rm(beside, { force: true }).catch(() => undefined);
    const { code = '', message } = error as NodeJS.ErrnoException;
    return `could not be written (${code === '' ? message : code})`;
  }
}
