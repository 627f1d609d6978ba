import { readFileSync } from 'node:fs';

/** The version in package.json. */
export function version(): string {
  // One folder up from dist/main.js or src/main.ts alike.
  for (const up of ['..', '../..']) {
    try {
      const text = readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // Not there: the code runs from the other place.
    }
  }
  return 'unknown';
}
