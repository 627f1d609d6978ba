import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OLDEST_NODE, unsupportedNode } from '../../src/cli/node-version.ts';

test.each(['20.20.2', '23.11.0'])('Node.js %s is told to be too old', (version) => {
  expect(unsupportedNode(version)).toContain(`needs Node.js 24 or newer, and this is ${version};`);
});

test.each(['24.0.0', '26.10.0', '100.0.0', process.versions.node])('Node.js %s is new enough', (version) => {
  expect(unsupportedNode(version)).toBeUndefined();
});

test('package.json says the same', () => {
  const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    engines: { node: string };
  };
  expect(engines.node).toBe(`>=${OLDEST_NODE}`);
});
