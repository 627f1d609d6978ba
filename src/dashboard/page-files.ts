import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file that browsers load. */
export type PageFile = { readonly type: string; readonly body: Buffer; readonly etag: string };

/** The page is not there to be served. The message says what to do. */
export class PageMissingError extends Error {
  override readonly name = 'PageMissingError';
}

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

const BUILD = 'run: npm run build';

/**
 * The page as `npm run build` makes it, by path.
 *
 * @throws PageMissingError when it has not been built, or not all of it is there.
 */
export async function readPageFiles(folder = pageFolder()): Promise<ReadonlyMap<string, PageFile>> {
  if (folder === undefined) {
    throw new PageMissingError(`the page of the dashboard has not been built; ${BUILD}`);
  }
  const files = Object.entries(TYPES).map(async ([name, type]): Promise<[string, PageFile]> => {
    const body = await readPart(join(folder, name));
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
    return [`/${name}`, { type, body, etag }];
  });
  return new Map(await Promise.all(files));
}

async function readPart(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PageMissingError(
      `${path}, a part of the dashboard's page, cannot be read (${code}); ${BUILD}`,
      {
        cause: error,
      },
    );
  }
}

/** In `dist`, beside what is bundled; undefined where there is none. */
function pageFolder(): string | undefined {
  return ['./page', '../page', '../../dist/page']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((folder) => existsSync(join(folder, 'page.js')));
}
