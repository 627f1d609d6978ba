/** Exit codes of the command line; documented in README.md and in `everynode --help`. */
export const EXIT = {
  ok: 0,
  /** Something went wrong while running; of a command that examines: it found something. */
  failure: 1,
  /** Bad input: flags, kubeconfig, manifest. */
  usage: 2,
  /**
   * The cluster is in the way: another DaemonSet controller is at work, and mode `own` was asked for; of a command
   * that examines: the cluster, or a part of it, could not be read.
   */
  prevented: 3,
  /** Ended by Ctrl-C before the work was done. */
  interrupted: 130,
} as const;

/** Bad input of the user. The message is one sentence that says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
