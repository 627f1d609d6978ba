const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The name suffix and label value of a revision: at most 10 characters out of `456789bcdf`. Stable across
 * Kubernetes versions, because it is taken from the canonical data and not, as upstream's, from a dump of Go
 * structures. An opaque name: equality is decided by the data.
 *
 * @param collisionCount status.collisionCount: raised when the name is taken by other data; absent is not 0.
 * Source: upstream `ComputeHash` (FNV-1a, 32 bits, `SafeEncodeString`).
 */
export function revisionHash(data: string, collisionCount: number | undefined): string {
  let hash = fnv1a(FNV_OFFSET, Buffer.from(data));
  if (collisionCount !== undefined) {
    const suffix = Buffer.alloc(8);
    suffix.writeUInt32LE(collisionCount);
    hash = fnv1a(hash, suffix);
  }
  return safeEncode(String(hash));
}

/** Maps characters to ones that cannot form bad words. Source: `k8s.io/apimachinery` `rand.SafeEncodeString`. */
export function safeEncode(text: string): string {
  return Array.from(text, (character) => ALPHABET[character.charCodeAt(0) % ALPHABET.length]).join('');
}

function fnv1a(start: number, bytes: Uint8Array): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}
