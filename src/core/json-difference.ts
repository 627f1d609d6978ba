import { canonicalJson } from './history/canonical-json.ts';

/** One place where two JSON values differ. `before` is absent where something was added, `after` where removed. */
export type Difference = {
  /** Such as `spec.containers[agent].image`: members of lists by their name where they have one. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
};

type JsonObject = Readonly<Record<string, unknown>>;

/** Fields that tell the members of a list of the Kubernetes API apart (its merge keys). */
const KEYS = ['mountPath', 'devicePath', 'name', 'ip', 'topologyKey'];

/**
 * Where two values differ, each place once and as deep as can be. Members of lists are matched by what names them,
 * else by being equal; a list of plain values differs as a whole, and so does one in another order.
 */
export function jsonDifferences(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (isObject(before) && isObject(after)) return objectDifferences(before, after, path);
  const deep = listDifferences(before, after, path);
  if (deep.length > 0) return deep;
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function objectDifferences(before: JsonObject, after: JsonObject, path: string): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.flatMap((name) => jsonDifferences(before[name], after[name], join(path, name)));
}

/** None where there are no members to tell apart. A list whose members have names may be absent on one side. */
function listDifferences(before: unknown, after: unknown, path: string): readonly Difference[] {
  const [old, now] = [before ?? [], after ?? []];
  if (!Array.isArray(old) || !Array.isArray(now) || ![...old, ...now].every(isObject)) return [];
  const key = KEYS.find((key) => isKeyOf(old, key) && isKeyOf(now, key));
  if (key !== undefined) return namedDifferences(old, now, path, key);
  return before === undefined || after === undefined ? [] : unnamedDifferences(old, now, path);
}

function isKeyOf(members: readonly unknown[], key: string): boolean {
  const names = members.map((member) => (member as JsonObject)[key]);
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
}

function namedDifferences(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  key: string,
): readonly Difference[] {
  const byName = (members: readonly unknown[]): Map<unknown, unknown> =>
    new Map(members.map((member) => [(member as JsonObject)[key], member]));
  const [old, now] = [byName(before), byName(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) =>
    jsonDifferences(old.get(name), now.get(name), `${path}[${String(name)}]`),
  );
}

function unnamedDifferences(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): readonly Difference[] {
  const unmatched = after.map((value, index) => ({ value, index, text: canonicalJson(value) }));
  const removed: Difference[] = [];
  for (const [index, value] of before.entries()) {
    const text = canonicalJson(value);
    const at = unmatched.findIndex((candidate) => candidate.text === text);
    if (at < 0) removed.push({ path: `${path}[${index}]`, before: value });
    else unmatched.splice(at, 1);
  }
  return [...removed, ...unmatched.map(({ value, index }) => ({ path: `${path}[${index}]`, after: value }))];
}

/** A member whose name could be taken for a path is written in brackets. */
function join(path: string, name: string): string {
  if (/[./[\]]/.test(name)) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}
