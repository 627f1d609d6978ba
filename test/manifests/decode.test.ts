import { describe, expect, it } from 'vitest';
import { decodeManifest, MAX_SOURCE_BYTES } from '../../src/manifests/decode.ts';

describe('bytes', () => {
  it('are text, a byte order mark included', () => {
    expect(decodeManifest(Buffer.from('\uFEFFa: ü😀\r\n'))).toBe('\uFEFFa: ü😀\r\n');
  });

  const cases: Record<string, readonly [Uint8Array, number, number, RegExp]> = {
    binary: [Buffer.from('a: 1\nb\0'), 2, 2, /^is binary, not a manifest/],
    'UTF-16': [Buffer.from('\uFEFFa: 1', 'utf16le'), 1, 1, /^is text in UTF-16; save it as UTF-8/],
    'Latin-1': [Buffer.from('a: 1\nb: \xfc\n', 'latin1'), 2, 4, /^is not text in UTF-8/],
    'cut off': [Buffer.from('a: ü').subarray(0, 4), 1, 4, /^is not text in UTF-8/],
    '50 MiB': [new Uint8Array(50 * 1024 * 1024), 1, 1, /^is 50 MiB or more; at most 32 MiB are read/],
  };
  it.each(Object.entries(cases))('%s', (_, [bytes, line, column, message]) => {
    expect(decodeManifest(bytes)).toEqual({ line, column, message: expect.stringMatching(message) });
  });

  it('of the greatest length are read', () => {
    expect(decodeManifest(new Uint8Array(MAX_SOURCE_BYTES).fill(32))).toHaveLength(MAX_SOURCE_BYTES);
  });
});
