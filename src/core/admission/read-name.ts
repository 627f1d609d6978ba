import { readString } from './untrusted.ts';

/** metadata.name; empty where it is not (yet) known. */
export function readName(object: unknown): string {
  const name = readString(object, 'metadata', 'name');
  return typeof name === 'string' ? name : '';
}
