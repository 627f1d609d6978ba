import { type Fault, START } from './fault.ts';

/** A source of this many bytes takes seconds to read; no cluster's manifests come near. */
export const MAX_SOURCE_BYTES = 32 * 1024 * 1024;

const MEBIBYTE = 1024 * 1024;

/** The text of a manifest, or why the bytes are none. A byte order mark stays, so that nothing gets lost. */
export function decodeManifest(bytes: Uint8Array): string | Fault {
  if (bytes.length > MAX_SOURCE_BYTES) return { ...START, message: tooLarge(bytes.length) };
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { ...START, message: 'is text in UTF-16; save it as UTF-8' };
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0)
    return { ...placeOf(bytes, zero), message: 'is binary, not a manifest: it holds a zero byte' };
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return {
      ...placeOf(bytes, firstInvalid(bytes)),
      message: 'is not text in UTF-8; save it as UTF-8, or give a manifest',
    };
  }
}

/** The sentence for a source, or a stream that is still going on, of more bytes than are read. */
export function tooLarge(bytes: number): string {
  return (
    `is ${Math.ceil(bytes / MEBIBYTE)} MiB or more; at most ${MAX_SOURCE_BYTES / MEBIBYTE} MiB are read. ` +
    'Split it into several files'
  );
}

/** Length of the longest valid beginning. */
function firstInvalid(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (valid + 1 < invalid) {
    const middle = (valid + invalid) >> 1;
    // As a stream: a character that is cut off at the end is no fault.
    const decoder = new TextDecoder('utf-8', { fatal: true });
    try {
      decoder.decode(bytes.subarray(0, middle), { stream: true });
      valid = middle;
    } catch {
      invalid = middle;
    }
  }
  return valid;
}

function placeOf(bytes: Uint8Array, at: number): { readonly line: number; readonly column: number } {
  let line = 1;
  let start = 0;
  for (let index = bytes.indexOf(10); index >= 0 && index < at; index = bytes.indexOf(10, index + 1)) {
    line += 1;
    start = index + 1;
  }
  return { line, column: at - start + 1 };
}
