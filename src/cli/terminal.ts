import type { WriteStream } from 'node:tty';

/** Where a command reads its surroundings from and writes to; nothing below `cli` touches `process`. */
export type Terminal = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
};

export type Output = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/** Whether lines can be written over: only on a terminal that can. */
export function isInteractive(output: Output, env: Terminal['env']): boolean {
  return output.isTTY === true && env.TERM !== 'dumb';
}

/** Whether to use colours: there, unless NO_COLOR asks against it. */
export function hasColours(output: Output, env: Terminal['env']): boolean {
  return isInteractive(output, env) && !env.NO_COLOR;
}
