import { ApiError, UnreachableError } from '../kube/errors.ts';
import { EXIT } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** Whether the cluster, and not the user, is why something could not be read. */
export function isOutage(error: unknown): error is Error {
  return error instanceof UnreachableError || (error instanceof ApiError && error.status !== 401);
}

/** Runs a command that only looks. Returns its exit code, or 3 where the cluster could not be read at all. */
export async function examining(terminal: Terminal, examine: () => Promise<number>): Promise<number> {
  try {
    return await examine();
  } catch (error) {
    if (!isOutage(error)) throw error;
    terminal.stderr.write(`everynode: the cluster could not be read: ${error.message}\n`);
    return EXIT.prevented;
  }
}
