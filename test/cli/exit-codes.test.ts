import { expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { runProgram } from '../../src/cli/program.ts';
import { recordingTerminal } from './recording-terminal.ts';

it('exit codes are what scripts rely on', () => {
  expect(EXIT).toEqual({ ok: 0, failure: 1, usage: 2, prevented: 3, interrupted: 130 });
});

it('exit codes are all in the help', async () => {
  const terminal = recordingTerminal();
  await runProgram(['--help'], terminal);
  const [, codes = ''] = terminal.stdout.text.split('Exit codes:\n');
  const listed = codes.match(/^ {2}\d+ {2,}\S/gm)?.map((line) => Number.parseInt(line, 10));
  expect(listed).toEqual(Object.values(EXIT));
});
