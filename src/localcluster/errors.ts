/** The local cluster cannot be built, started or kept running. The message says why and what to do. */
export class LocalClusterError extends Error {
  override readonly name = 'LocalClusterError';
}

/** The last lines of a text, indented, for the end of an error message. */
export function tail(text: string, lines = 20): string {
  const end = text.trimEnd().split('\n').slice(-lines);
  return end.map((line) => `    ${line}`).join('\n');
}
