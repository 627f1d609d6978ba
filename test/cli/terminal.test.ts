import { expect, it } from 'vitest';
import { hasColours, isInteractive } from '../../src/cli/terminal.ts';
import { RecordingOutput } from './recording-terminal.ts';

it.each([
  ['a terminal', true, {}, true, true],
  ['a terminal that can do much', true, { TERM: 'xterm-256color' }, true, true],
  ['an empty NO_COLOR, which by its convention asks for nothing', true, { NO_COLOR: '' }, true, true],
  ['a terminal whose user wants no colours', true, { NO_COLOR: '1' }, true, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, false, false],
  ['a pipe', false, { TERM: 'xterm' }, false, false],
])('%s', (_, isTTY, env, interactive, colours) => {
  const output = new RecordingOutput({ isTTY });
  expect(isInteractive(output, env)).toBe(interactive);
  expect(hasColours(output, env)).toBe(colours);
});
