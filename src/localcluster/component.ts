import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from './environment.ts';
import { LocalClusterError, PortTakenError, tail } from './errors.ts';
import type { Watchdog } from './watchdog.ts';

export type ComponentOptions = {
  readonly name: string;
  readonly binary: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly logPath: string;
  readonly watchdog: Watchdog;
  /** Throws while the component is not ready. */
  readonly probe: () => Promise<void>;
  /** Told when a process that was ready ends without having been asked to. */
  readonly onDeath: (error: LocalClusterError) => void;
  /** Aborted when the cluster ends: nothing starts after that. */
  readonly ended: AbortSignal;
};

const READY_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 10_000;
const LOG_END_BYTES = 16_384;

/** One process of the control plane. */
export class Component {
  readonly name: string;
  readonly logPath: string;
  readonly #options: ComponentOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #state: 'starting' | 'ready' | 'stopping' = 'stopping';
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
   * @throws LocalClusterError when it runs already, or with the end of its log when it dies or does not get ready.
   */
  async start(args: readonly string[] = this.#args): Promise<void> {
    if (this.#child) throw new LocalClusterError(`${this.name} runs already; stop it first, or restart it`);
    if (this.#options.ended.aborted) throw this.#stopped();
    this.#args = args;
    const died = this.#spawn();
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      const outcome = await Promise.race([died, this.#probe()]);
      if (outcome === 'ready') break;
      if (outcome === 'died') throw await this.#failure('died while starting');
      if (performance.now() > deadline) {
        const seconds = READY_TIMEOUT_MS / 1000;
        const failure = await this.#failure(`was not ready within ${seconds} s (${String(outcome)})`);
        await this.stop('SIGKILL');
        throw failure;
      }
      await sleep(50);
    }
    if (this.#state !== 'starting') throw this.#stopped();
    this.#state = 'ready';
  }

  /** Ends the process: politely, or by force when it does not go within 10 s or when that is asked for. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#state = 'stopping';
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await this.#exited;
    clearTimeout(force);
  }

  async restart(args: readonly string[] = this.#args): Promise<void> {
    await this.stop();
    await this.start(args);
  }

  /** Resolves when the process has ended, for whatever reason. */
  #spawn(): Promise<'died'> {
    const { binary, logPath, watchdog, env } = this.#options;
    const log = openSync(logPath, 'a');
    const child = watchdog.launch(binary, this.#args, { env, log });
    closeSync(log);
    this.#child = child;
    this.#state = 'starting';
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    return this.#exited.then(() => {
      this.#child = undefined;
      if (this.#state === 'ready') void this.#failure('died').then(this.#options.onDeath);
      return 'died';
    });
  }

  #probe(): Promise<unknown> {
    return this.#options.probe().then(
      () => 'ready',
      (error: unknown) => error,
    );
  }

  async #failure(what: string): Promise<LocalClusterError> {
    if (this.#state === 'stopping') return this.#stopped();
    const log = await endOf(this.logPath);
    const message = `${this.name} ${what}. The end of its log:\n${tail(log)}`;
    return /address already in use/i.test(log) ? new PortTakenError(message) : new LocalClusterError(message);
  }

  #stopped(): LocalClusterError {
    return new LocalClusterError(`${this.name} was stopped while it was starting`);
  }
}

async function endOf(path: string): Promise<string> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await file.stat();
    const length = Math.min(size, LOG_END_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } catch {
    // The folder may be gone, when all ends at once.
    return '';
  } finally {
    await file?.close();
  }
}
