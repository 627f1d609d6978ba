import type { LabelSelector, LabelSelectorRequirement, StringMap } from '../../api/meta.ts';

/**
 * Readers for JSON that nobody has checked yet. A field is absent (`undefined`, also for null), present with
 * its type, or `MALFORMED`; what is malformed is left to the API server, which refuses it by its own schema.
 */
export const MALFORMED = Symbol('malformed');

export type Read<T> = T | undefined | typeof MALFORMED;

export type JsonObject = Readonly<Record<string, unknown>>;

const SHOWN_LENGTH = 200;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at the end of a path of object fields; absent where the path ends early. */
export function readField(object: unknown, ...path: readonly string[]): Read<unknown> {
  let value: unknown = object;
  for (const name of path) {
    if (value === undefined || value === null) return undefined;
    if (!isJsonObject(value)) return MALFORMED;
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value ?? undefined;
}

export function readString(object: unknown, ...path: readonly string[]): Read<string> {
  const value = readField(object, ...path);
  return value === undefined || typeof value === 'string' ? value : MALFORMED;
}

export function readObject(object: unknown, ...path: readonly string[]): Read<JsonObject> {
  const value = readField(object, ...path);
  return value === undefined || isJsonObject(value) ? value : MALFORMED;
}

export function readList(object: unknown, ...path: readonly string[]): Read<readonly unknown[]> {
  const value = readField(object, ...path);
  return value === undefined || Array.isArray(value) ? value : MALFORMED;
}

/** Labels, annotations and the like: malformed as soon as one value is not a string. */
export function readStringMap(object: unknown, ...path: readonly string[]): Read<StringMap> {
  const value = readObject(object, ...path);
  if (value === undefined || value === MALFORMED) return value;
  return Object.values(value).every((entry) => typeof entry === 'string') ? (value as StringMap) : MALFORMED;
}

/** A label selector whose every part has the right type; its operators and values may still be invalid. */
export function readSelector(object: unknown, ...path: readonly string[]): Read<LabelSelector> {
  const selector = readObject(object, ...path);
  if (selector === undefined || selector === MALFORMED) return selector;
  const matchLabels = readStringMap(selector, 'matchLabels');
  const matchExpressions = readList(selector, 'matchExpressions');
  if (matchLabels === MALFORMED || matchExpressions === MALFORMED) return MALFORMED;
  const requirements = matchExpressions?.map(readRequirement) ?? [];
  const wellFormed = requirements.filter((requirement) => requirement !== MALFORMED);
  if (wellFormed.length !== requirements.length) return MALFORMED;
  return { matchLabels: matchLabels ?? {}, matchExpressions: wellFormed };
}

/** User input as it may stand in a message: in quotes, on one line, of bounded length. */
export function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
}

function readRequirement(raw: unknown): LabelSelectorRequirement | typeof MALFORMED {
  const key = readString(raw, 'key');
  const operator = readString(raw, 'operator');
  const values = readList(raw, 'values') ?? [];
  if (key === MALFORMED || operator === MALFORMED || values === MALFORMED) return MALFORMED;
  const strings = values.filter((value) => typeof value === 'string');
  if (!isJsonObject(raw) || strings.length !== values.length) return MALFORMED;
  return { key: key ?? '', operator: operator ?? '', values: strings };
}
