import { execFileSync } from 'node:child_process';

/** Whether a process runs; one that is dead and waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}
