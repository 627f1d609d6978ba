import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPageFiles } from '../../src/dashboard/page-files.ts';
import { PAGE_FILES, pageFolder } from './page-folder.ts';

describe('readPageFiles', () => {
  it('gives the four files with their types, and nothing else of the folder', async () => {
    const folder = await pageFolder([...PAGE_FILES, 'page.js.map', 'secret.txt']);
    const files = await readPageFiles(folder);
    expect([...files].map(([path, { type, body }]) => [path, type, body.toString()])).toEqual([
      ['/index.html', 'text/html; charset=utf-8', 'this is index.html'],
      ['/page.js', 'text/javascript; charset=utf-8', 'this is page.js'],
      ['/page.css', 'text/css; charset=utf-8', 'this is page.css'],
      ['/icon.svg', 'image/svg+xml', 'this is icon.svg'],
    ]);
  });

  it('names what a file holds by its tag: another one for another content, the same for the same', async () => {
    const folder = await pageFolder();
    const tag = async (): Promise<string | undefined> => (await readPageFiles(folder)).get('/page.js')?.etag;
    const before = await tag();
    expect(before).toMatch(/^"[\w-]{27}"$/);
    expect(await tag()).toBe(before);
    await writeFile(join(folder, 'page.js'), 'another one');
    expect(await tag()).not.toBe(before);
  });

  it.each(PAGE_FILES)('says what to do where %s is not there', async (missing) => {
    const folder = await pageFolder(PAGE_FILES.filter((name) => name !== missing));
    await expect(readPageFiles(folder)).rejects.toMatchObject({
      name: 'PageMissingError',
      message: expect.stringContaining(
        `${join(folder, missing)}, a part of the dashboard's page, cannot be read (ENOENT); run: npm run build`,
      ),
    });
  });

  it('says what to do where there is no folder', async () => {
    await expect(readPageFiles('/nowhere/page')).rejects.toMatchObject({
      name: 'PageMissingError',
      message: expect.stringContaining('cannot be read (ENOENT); run: npm run build'),
    });
  });
});
