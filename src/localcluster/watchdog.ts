import { spawn } from 'node:child_process';

/**
 * A shell that waits for us to end, however we end: its standard input closes then, and it kills the processes it
 * was told of and removes the data folder. POSIX sh, so that it needs nothing of ours to be alive.
 */
const SCRIPT = `
pids=''; dir=''
while read -r word value; do
  case "$word" in
    pid) pids="$pids $value" ;;
    gone) kept=''; for pid in $pids; do [ "$pid" = "$value" ] || kept="$kept $pid"; done; pids="$kept" ;;
    dir) dir="$value" ;;
    bye) exit 0 ;;
  esac
done
if [ -n "$pids" ]; then
  kill -TERM $pids 2>/dev/null
  sleep 1
  kill -KILL $pids 2>/dev/null
  sleep 0.2
fi
[ -z "$dir" ] || rm -rf -- "$dir"
`;

/** Cleans up after us when we cannot. */
export type Watchdog = {
  readonly watch: (pid: number) => void;
  readonly forget: (pid: number) => void;
  /** All is cleaned up: there is nothing to do at our end. */
  readonly dismiss: () => void;
};

/** @param dataDir removed at the end; undefined keeps it. */
export function startWatchdog(dataDir: string | undefined): Watchdog {
  // In a session of its own, so that Ctrl-C does not reach it before us.
  const shell = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  shell.unref();
  shell.on('error', () => undefined);
  // It may be gone already when we are dismissed late.
  shell.stdin.on('error', () => undefined);
  const tell = (line: string): void => void shell.stdin.write(`${line}\n`);
  if (dataDir !== undefined) tell(`dir ${dataDir}`);
  return {
    watch: (pid) => tell(`pid ${pid}`),
    forget: (pid) => tell(`gone ${pid}`),
    dismiss: () => void shell.stdin.end('bye\n'),
  };
}
