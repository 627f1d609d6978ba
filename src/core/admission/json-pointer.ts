/** The JSON Pointer (RFC 6901) to a field, its names escaped. */
export function jsonPointer(...path: readonly (string | number)[]): string {
  return path.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
