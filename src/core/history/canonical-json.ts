/**
 * Compact JSON with sorted keys and Go's HTML escapes: the bytes that upstream stores in a ControllerRevision.
 * Numbers that arrived as raw JSON (see `JSON.rawJSON`) keep their text.
 *
 * Source: upstream `getPatch` (`json.Marshal` of a generic map).
 */
export function canonicalJson(value: unknown): string {
  return goEscape(stringify(value));
}

/** Escapes what Go's encoder escapes; these characters occur in JSON only inside strings. */
export function goEscape(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function stringify(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => stringify(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) {
    return JSON.stringify(value) ?? 'null';
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => compareUtf8(a, b))
    .map(([key, member]) => `${JSON.stringify(key)}:${stringify(member)}`);
  return `{${members.join(',')}}`;
}

/** Go sorts by UTF-8 bytes, which is the order of code points, not of UTF-16 units. */
function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0);
  const at = left.findIndex((codePoint, index) => codePoint !== right[index]);
  return at < 0 ? -1 : (left[at] ?? 0) - (right[at] ?? -1);
}
