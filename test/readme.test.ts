import { afterAll, beforeAll, expect, it } from 'vitest';
import { join } from 'node:path';
import { runProgram } from '../src/cli/program.ts';
import { RecordingOutput } from './cli/recording-terminal.ts';
import { expectInReadme, folded, LIVE, OFFLINE, shownCommands } from './readme.ts';

const here = process.cwd();
beforeAll(() => process.chdir(join(import.meta.dirname, 'golden/manifests')));
afterAll(() => process.chdir(here));

it.each(OFFLINE)('README.md shows what is printed by %s', async (commandLine) => {
  // On a terminal both come to the same place.
  const screen = new RecordingOutput();
  await runProgram(commandLine.split(' ').slice(1), { env: {}, stdout: screen, stderr: screen });
  await expectInReadme(commandLine, folded(screen.text));
});

it('README.md shows nothing that no test has seen', async () => {
  expect((await shownCommands()).toSorted()).toEqual([...OFFLINE, ...Object.values(LIVE)].toSorted());
});

it('long lines are folded between words, and others stay', () => {
  const long = `    ${'word '.repeat(50).trim()}`;
  const lines = folded(`short\n${long}\nnext  column`).split('\n');
  expect(lines.at(0)).toBe('short');
  expect(lines.at(-1)).toBe('next  column');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(118);
  const [first = '', ...others] = lines.slice(1, -1);
  expect(others.every((line) => line.startsWith('    word'))).toBe(true);
  expect([first, ...others.map((line) => line.trim())].join(' ')).toBe(long);
});
