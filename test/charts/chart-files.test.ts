import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { chartFiles } from '../../charts/generate/chart-files.ts';

it.each(await chartFiles())('$path is as `npm run generate` makes it', async ({ path, content }) => {
  expect(await readFile(path, 'utf8'), `${basename(path)}: run npm run generate`).toBe(content);
});
