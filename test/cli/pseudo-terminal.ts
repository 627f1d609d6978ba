import { type ChildProcess, spawn } from 'node:child_process';
import xterm from '@xterm/headless';

export type TerminalOptions = {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** Only Linux has this `script`. */
export const hasPseudoTerminal = process.platform === 'linux';

/**
 * A program under a real pseudo-terminal, which `script` makes, and the screen that a person sees there. What is
 * typed comes by the terminal's own way, so Ctrl-C is a signal to whatever runs in the foreground.
 */
export class PseudoTerminal {
  /** All that came, with its control sequences. */
  output = '';
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #screen: InstanceType<typeof xterm.Terminal>;

  private constructor(child: ChildProcess, cols: number, rows: number) {
    this.#child = child;
    this.#screen = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1000 });
    child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
      this.#screen.write(chunk);
    });
    this.exited = new Promise((resolve) => child.once('close', resolve));
  }

  /** Runs `everynode ARGS` from the sources. */
  static everynode(args: readonly string[], options: TerminalOptions = {}): PseudoTerminal {
    const { columns = 80, rows = 24, env = {} } = options;
    const command = [process.execPath, 'src/main.ts', ...args].map(quoted).join(' ');
    const child = spawn(
      'script',
      ['-qfec', `stty cols ${columns} rows ${rows}; exec ${command}`, '/dev/null'],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm-256color', ...env },
      },
    );
    return new PseudoTerminal(child, columns, rows);
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Ends it, whatever it does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** The lines on the screen, and above it, without empty ones at the end. */
  async lines(): Promise<readonly string[]> {
    // Nothing to write, but called back after all that was written before.
    await new Promise<void>((resolve) => this.#screen.write('', resolve));
    const { active } = this.#screen.buffer;
    const all = Array.from(
      { length: active.length },
      (_, at) => active.getLine(at)?.translateToString(true) ?? '',
    );
    return all.slice(0, all.findLastIndex((line) => line !== '') + 1);
  }

  /** Whether the cursor was left hidden. */
  get hidesCursor(): boolean {
    return this.output.lastIndexOf('\u001B[?25l') > this.output.lastIndexOf('\u001B[?25h');
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
