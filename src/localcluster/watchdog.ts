import { type ChildProcess, spawn } from 'node:child_process';
import { REMOVE_CGROUP } from './cgroups.ts';

/**
 * Reads lines until its standard input closes, which happens however our process ends. Then it kills the process
 * groups it was told of and removes the folder and the cgroup. POSIX sh: nothing of ours has to live.
 */
const WATCH = `
trap '' INT TERM HUP
groups='' cgroup=''
while read -r word group; do
  case "$word" in
    watch) groups="$groups -$group" ;;
    forget) kept=''; for g in $groups; do [ "$g" = "-$group" ] || kept="$kept $g"; done; groups="$kept" ;;
    cgroup) cgroup="$group" ;;
    bye) exit 0 ;;
  esac
done
[ -z "$groups" ] || kill -s KILL -- $groups
tries=0
# What is being killed may still write for a moment.
while [ -n "$1" ] && [ $tries -lt 50 ]; do
  rm -rf -- "$1"
  sleep 0.1
  [ -e "$1" ] || break
  tries=$((tries + 1))
done
[ -z "$cgroup" ] || { sleep 0.5; ${REMOVE_CGROUP} }
`;

/** Becomes the program once it is told to; ends when we are gone before that. */
const LAUNCH = 'read -r word && exec "$@"';

export type LaunchOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** File descriptor for both outputs; without it both are piped. */
  readonly log?: number;
};

/** Starts processes that never outlive us, and a folder that does not either. */
export type Watchdog = {
  /** Starts a program in a process group of its own, so that Ctrl-C reaches us alone and we choose the order. */
  readonly launch: (program: string, args: readonly string[], options: LaunchOptions) => ChildProcess;
  /** Has the cgroup of that name removed with the rest. */
  readonly watchCgroup: (name: string) => void;
  /** Everything is cleaned up: there is nothing left to do at our end. */
  readonly dismiss: () => void;
};

/** @param folder removed when this process ends without having dismissed the watchdog; undefined keeps it. */
export function startWatchdog(folder: string | undefined): Watchdog {
  const shell = spawn('/bin/sh', ['-c', WATCH, 'everynode-watchdog', folder ?? ''], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  // Without it all works as long as we end in good order.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  const tell = (line: string, then?: () => void): void => void shell.stdin.write(`${line}\n`, then);

  const launch: Watchdog['launch'] = (program, args, { env, cwd, log }) => {
    const output = log ?? 'pipe';
    const child = spawn('/bin/sh', ['-c', LAUNCH, 'sh', program, ...args], {
      env: { ...env },
      ...(cwd !== undefined && { cwd }),
      detached: true,
      stdio: ['pipe', output, output],
    });
    const { pid, stdin } = child;
    // It may have been killed before it was told.
    stdin?.on('error', () => undefined);
    if (pid === undefined) return child;
    child.once('exit', () => tell(`forget ${pid}`));
    // Only a process that is watched may become something: no moment is left in which our death would orphan it.
    tell(`watch ${pid}`, () => stdin?.end('go\n'));
    return child;
  };
  return {
    launch,
    watchCgroup: (name) => tell(`cgroup ${name}`),
    dismiss: () => void shell.stdin.end('bye\n'),
  };
}
