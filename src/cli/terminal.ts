import type { WriteStream } from 'node:tty';

/** Where a command reads its surroundings from and writes to; nothing below `cli` touches `process`. */
export type Terminal = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
};

export type Output = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/** Whether to use colours and redraw lines: only on a terminal, and not when NO_COLOR asks against it. */
export function isInteractive(output: Output, env: Terminal['env']): boolean {
  return output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}
