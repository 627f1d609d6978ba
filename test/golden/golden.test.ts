import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cases } from './cases.ts';
import { MOMENT, session, transcript } from './session.ts';

const OUTPUT = join(import.meta.dirname, 'output');
const here = process.cwd();

beforeAll(() => {
  // Files are named as they were typed.
  process.chdir(join(import.meta.dirname, 'manifests'));
  vi.useFakeTimers({ toFake: ['Date'], now: MOMENT });
});

afterAll(() => {
  vi.useRealTimers();
  process.chdir(here);
});

/** Commands and, of each, the formats that it prints, as the help tells. */
async function commands(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { out } = await session('everynode --help');
  const [, list = ''] = out.split('\nCommands:\n');
  const names = [...list.split('\n\n')[0]!.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help');
  const formats = await Promise.all(
    names.map(async (name) => {
      const { out: help } = await session(`everynode ${name} --help`);
      const [, choices = ''] =
        /--output <format>[^(]*\(choices: ([^)]*?)(?:, default[^)]*)?\)/.exec(help) ?? [];
      return [name, [...choices.matchAll(/"([a-z]+)"/g)].map(([, choice = '']) => choice)] as const;
    }),
  );
  return new Map(formats);
}

/** They go on until they are stopped. */
const RUNNING = ['up', 'sync', 'webhook', 'serve', 'dashboard'];

describe('what commands print', () => {
  it.each(cases)('$file', async ({ file, commandLine, picture, code = 0 }) => {
    const seen = await session(commandLine, picture);
    if (file.endsWith('.txt')) {
      await expect(transcript(commandLine, seen)).toMatchFileSnapshot(`output/${file}`);
    } else {
      expect({ err: seen.err, code: seen.code }).toEqual({ err: '', code });
      await expect(seen.out).toMatchFileSnapshot(`output/${file}`);
    }
  });

  it('is kept for every format of every command', async () => {
    const kept = new Set(
      cases.map(({ commandLine }) => {
        const [, command = ''] = commandLine.split(' ');
        return `${command} ${/ -o (\w+)/.exec(commandLine)?.[1] ?? 'default'}`;
      }),
    );
    const missing = [...(await commands())]
      .filter(([name]) => !RUNNING.includes(name))
      .flatMap(([name, [, ...others]]) => ['default', ...others].map((format) => `${name} ${format}`))
      .filter((each) => !kept.has(each));
    expect(missing).toEqual([]);
  });
});

describe('the help', () => {
  it('of all commands', async () => {
    for (const command of ['', ...(await commands()).keys()]) {
      const commandLine = ['everynode', command, '--help'].filter((word) => word !== '').join(' ');
      const seen = await session(commandLine);
      await expect(transcript(commandLine, seen)).toMatchFileSnapshot(
        `output/help/${command || 'everynode'}.txt`,
      );
    }
  });
});

it('no file is left of what is no longer printed', async () => {
  const expected = [
    ...cases.map(({ file }) => file),
    ...['everynode', ...(await commands()).keys()].map((name) => `help/${name}.txt`),
  ];
  const files = readdirSync(OUTPUT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(OUTPUT.length + 1));
  expect(files.toSorted()).toEqual(expected.toSorted());
});
