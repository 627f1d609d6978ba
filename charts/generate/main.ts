import { writeFile } from 'node:fs/promises';
import { chartFiles } from './chart-files.ts';

for (const { path, content } of await chartFiles()) await writeFile(path, content);
