import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalClusterError, tail } from './errors.ts';
import type { Watchdog } from './watchdog.ts';

export type ComponentOptions = {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly logPath: string;
  readonly watchdog: Watchdog;
  /** Throws while the component is not ready. */
  readonly probe: () => Promise<void>;
  /** Told when the process ends without having been asked to. */
  readonly onDeath: (error: LocalClusterError) => void;
};

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;

/** One process of the control plane. */
export class Component {
  readonly name: string;
  readonly logPath: string;
  readonly #options: ComponentOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stopping = false;
  #args: readonly string[];

  constructor(options: ComponentOptions) {
    this.name = options.name;
    this.logPath = options.logPath;
    this.#options = options;
    this.#args = options.args;
  }

  /** Process id, or undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the process and waits until it is ready.
   *
   * @param args replaces the arguments, from now on.
   * @throws LocalClusterError with the end of the log when it dies or does not get ready.
   */
  async start(args: readonly string[] = this.#args): Promise<void> {
    this.#args = args;
    this.#spawn();
    const deadline = Date.now() + READY_TIMEOUT_MS;
    for (;;) {
      if (!this.#child) throw await this.#failure('died while starting');
      try {
        await this.#options.probe();
        return;
      } catch (error) {
        if (Date.now() > deadline) {
          throw await this.#failure(
            `did not get ready within ${READY_TIMEOUT_MS / 1000} s (${String(error)})`,
          );
        }
        await sleep(50);
      }
    }
  }

  /** Ends the process: politely, or by force when it does not go, or when asked for. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#stopping = true;
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await this.#exited;
    clearTimeout(force);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  #spawn(): void {
    const { binary, logPath, watchdog } = this.#options;
    const log = openSync(logPath, 'a');
    // In a session of its own: Ctrl-C is for us, and we end it when its turn has come.
    const child = spawn(binary, this.#args, { detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    this.#stopping = false;
    const { pid } = child;
    if (pid !== undefined) watchdog.watch(pid);
    this.#exited = new Promise((resolve) => {
      const ended = (): void => {
        if (pid !== undefined) watchdog.forget(pid);
        this.#child = undefined;
        resolve();
        if (!this.#stopping) void this.#failure('died').then(this.#options.onDeath);
      };
      child.once('exit', ended);
      child.once('error', ended);
    });
  }

  async #failure(what: string): Promise<LocalClusterError> {
    const log = await readFile(this.logPath, 'utf8').catch(() => '');
    return new LocalClusterError(`${this.name} ${what}. The end of its log:\n${tail(log)}`);
  }
}
