import { expect, it } from 'vitest';
import { isInteractive } from '../../src/cli/terminal.ts';
import { RecordingOutput } from './recording-terminal.ts';

it.each([
  ['a terminal', true, {}, true],
  ['a terminal that can do much', true, { TERM: 'xterm-256color' }, true],
  ['an empty NO_COLOR, which by its convention asks for nothing', true, { NO_COLOR: '' }, true],
  ['a terminal whose user wants no colours', true, { NO_COLOR: '1' }, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ['a pipe', false, { TERM: 'xterm' }, false],
])('isInteractive: %s', (_, isTTY, env, expected) => {
  expect(isInteractive(new RecordingOutput({ isTTY }), env)).toBe(expected);
});
