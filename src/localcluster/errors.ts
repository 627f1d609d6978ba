/** The local cluster cannot be built, started or kept running. The message says why and what to do. */
export class LocalClusterError extends Error {
  override readonly name: string = 'LocalClusterError';
}

/** A component found its port taken; another one may be free. */
export class PortTakenError extends LocalClusterError {}

/** The error for work that an aborted signal has ended. */
export function interrupted(signal: AbortSignal): LocalClusterError {
  return new LocalClusterError('the start of the local cluster was interrupted; nothing of it is left', {
    cause: signal.reason,
  });
}

/** The last lines of a text, indented, for the end of an error message. */
export function tail(text: string, lines = 20): string {
  const end = text.trimEnd().split('\n').slice(-lines);
  return end.map((line) => `    ${line}`).join('\n');
}
