import { describe, expect, it } from 'vitest';
import { revisionHash, safeEncode } from '../../../src/core/history/revision-hash.ts';

describe('§5.10 hash', () => {
  it('SafeEncode of the golden vector', () => {
    expect(safeEncode('0123456789')).toBe('456789bcdf');
  });

  it('is FNV-1a, 32 bits, in decimal, encoded', () => {
    // Published vectors: "" is 0x811c9dc5, "a" is 0xe40c292c, "foobar" is 0xbf9cf968.
    expect(revisionHash('', undefined)).toBe(safeEncode(String(0x811c9dc5)));
    expect(revisionHash('a', undefined)).toBe(safeEncode(String(0xe40c292c)));
    expect(revisionHash('foobar', undefined)).toBe(safeEncode(String(0xbf9cf968)));
  });

  it('hashes UTF-8 bytes', () => {
    // FNV-1a of the bytes c3 a9.
    const bytes = [0xc3, 0xa9];
    const expected = bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5) >>> 0;
    expect(revisionHash('é', undefined)).toBe(safeEncode(String(expected)));
  });

  it('appends the collision count as 8 bytes, little-endian', () => {
    expect(revisionHash('a', 0)).toBe(revisionHash('a\0\0\0\0\0\0\0\0', undefined));
    expect(revisionHash('a', 1)).toBe(revisionHash('a\u0001\0\0\0\0\0\0\0', undefined));
    expect(revisionHash('a', 0x7f02)).toBe(revisionHash('a\u0002\u007f\0\0\0\0\0\0', undefined));
  });

  it('differs between no collision count, 0 and 1', () => {
    const hashes = [undefined, 0, 1, 2].map((count) => revisionHash('data', count));
    expect(new Set(hashes).size).toBe(4);
  });

  it('is at most 10 characters of a label-safe alphabet', () => {
    for (let index = 0; index < 200; index += 1) {
      expect(revisionHash(`data ${index}`, undefined)).toMatch(/^[456789bcdf]{1,10}$/);
    }
  });
});
