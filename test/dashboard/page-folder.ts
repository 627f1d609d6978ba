import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../cli/kubeconfig.ts';

export const PAGE_FILES = ['index.html', 'page.js', 'page.css', 'icon.svg'];

/** A folder with a page that says nothing, gone when the test has ended: unit tests come before the build. */
export async function pageFolder(files = PAGE_FILES): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of files) await writeFile(join(folder, name), `this is ${name}`);
  return folder;
}
