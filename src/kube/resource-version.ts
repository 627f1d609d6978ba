/**
 * Orders two resourceVersions of one resource: negative when `a` is older. They are whole numbers without
 * leading zeros, of any length.
 *
 * Source: KEP-5504 (comparable resource version).
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}
