import type { Output, Terminal } from '../../src/cli/terminal.ts';

/** Keeps what is written. */
export class RecordingOutput implements Output {
  text = '';
  readonly isTTY: boolean;

  constructor({ isTTY = false }: { readonly isTTY?: boolean } = {}) {
    this.isTTY = isTTY;
  }

  readonly write = (chunk: unknown): boolean => {
    this.text += String(chunk);
    return true;
  };
}

export type RecordingTerminal = Terminal & {
  readonly stdout: RecordingOutput;
  readonly stderr: RecordingOutput;
};

/** Surroundings without a terminal, and with nothing in the environment but this. */
export function recordingTerminal(env: Terminal['env'] = {}): RecordingTerminal {
  return { env, stdout: new RecordingOutput(), stderr: new RecordingOutput() };
}
