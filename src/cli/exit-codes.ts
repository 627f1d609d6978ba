/** Exit codes of the command line; documented in README.md and in `everynode --help`. */
export const EXIT = {
  ok: 0,
  /** Something went wrong while running. */
  failure: 1,
  /** Bad input: flags, kubeconfig, manifest. */
  usage: 2,
  /** Another DaemonSet controller is at work, and mode `own` was asked for. */
  refused: 3,
  /** Ended by Ctrl-C before the work was done. */
  interrupted: 130,
} as const;

/** Bad input of the user. The message is one sentence that says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
