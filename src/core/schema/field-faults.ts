import { isJsonObject } from '../admission/untrusted.ts';
import { kindOf } from './kind-of.ts';
import { KINDS, KUBERNETES_VERSION } from './kinds.ts';
import { type Field, type FieldType, type Kinds, parseKinds } from './parse-kinds.ts';

/** A field that the API server does not take. */
export type FieldFault = {
  readonly path: string;
  /** To be read after the path. */
  readonly message: string;
  readonly is: 'mistyped' | 'missing' | 'unknown';
};

/** The API server writes it, and reads it nowhere. */
const IGNORED = 'status';
/** What OpenAPI calls required, and is 0 where it is left out. */
const ZERO_WHERE_ABSENT = 'lun';

/** Of one mapping: more of them say no more. */
const MOST_UNKNOWN = 20;
/** No field has a longer name. */
const LONGEST_NAME = 60;

let known: Kinds | undefined;

/**
 * Where a DaemonSet differs from what the API server's schema says of types, required fields and names of fields.
 * Fields that are null are absent ones.
 *
 * Source: `/openapi/v3/apis/apps/v1`; strict field validation, KEP-2885.
 */
export function fieldFaults(daemonSet: unknown): readonly FieldFault[] {
  known ??= parseKinds(KINDS);
  if (!isJsonObject(daemonSet)) return [];
  const { [IGNORED]: _, ...rest } = daemonSet;
  return [...faultsOf(rest, { name: 'DaemonSet' }, '', known)];
}

function* faultsOf(value: unknown, type: FieldType, path: string, kinds: Kinds): Generator<FieldFault> {
  const expected = expectation(type);
  if (!expected.holds(value)) {
    const remedy = expected.what === 'a string' && isScalar(value) ? '; put it in quotes' : '';
    yield { path, message: `is ${kindOf(value)}, and must be ${expected.what}${remedy}`, is: 'mistyped' };
  } else if ('list' in type) {
    for (const [at, each] of (value as readonly unknown[]).entries()) {
      yield* faultsOf(each, type.list, `${path}[${at}]`, kinds);
    }
  } else if ('map' in type) {
    for (const [key, each] of Object.entries(value as object)) {
      yield* faultsOf(each, type.map, `${path}[${key}]`, kinds);
    }
  } else {
    const fields = kinds.get(type.name);
    if (fields && isJsonObject(value)) yield* faultsOfFields(value, fields, path, kinds);
  }
}

function* faultsOfFields(
  object: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, Field>,
  path: string,
  kinds: Kinds,
): Generator<FieldFault> {
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
  for (const [name, { type, required }] of fields) {
    const value = object[name] ?? undefined;
    if (value !== undefined) yield* faultsOf(value, type, below(name), kinds);
    // A mapping that is left out is an empty one to the API server: what it lacks is found by other rules.
    else if (required && !isKind(type, kinds) && name !== ZERO_WHERE_ABSENT)
      yield { path: below(name), message: 'is missing', is: 'missing' };
  }
  const unknown = Object.keys(object).filter((name) => !fields.has(name));
  for (const name of unknown.slice(0, MOST_UNKNOWN)) {
    const meant = nearest(name, [...fields.keys()]);
    const remedy = meant === undefined ? 'remove it' : `${meant} may be meant`;
    yield {
      path: below(name),
      message: `is no field of Kubernetes ${KUBERNETES_VERSION} here; ${remedy}`,
      is: 'unknown',
    };
  }
}

function isKind(type: FieldType, kinds: Kinds): boolean {
  return 'name' in type && kinds.has(type.name);
}

type Expectation = { readonly what: string; readonly holds: (value: unknown) => boolean };

function expectation(type: FieldType): Expectation {
  if ('list' in type) return { what: 'a list', holds: Array.isArray };
  if ('map' in type) return MAPPING;
  return VALUES[type.name] ?? MAPPING;
}

const MAPPING: Expectation = { what: 'a mapping', holds: isJsonObject };
const isString = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' || JSON.isRawJSON(value);
const isInteger = (value: unknown): boolean => Number.isInteger(value) || JSON.isRawJSON(value);

const VALUES: Readonly<Record<string, Expectation>> = {
  string: { what: 'a string', holds: isString },
  boolean: { what: 'true or false', holds: (value) => typeof value === 'boolean' },
  integer: { what: 'a whole number', holds: isInteger },
  number: { what: 'a number', holds: isNumber },
  intOrString: {
    what: 'a whole number or a string',
    holds: (value) => isString(value) || isInteger(value),
  },
  quantity: { what: 'a quantity such as 100Mi', holds: (value) => isString(value) || isNumber(value) },
  any: { what: 'anything', holds: () => true },
};

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== 'object';
}

/** The name that differs least, if that is a slip; undefined where none comes near. */
function nearest(name: string, names: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const [first] = names
    .map((each) => ({ each, slips: slipsBetween(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ each, slips }) => slips <= Math.max(1, Math.floor(each.length / 4)))
    .toSorted((a, b) => a.slips - b.slips);
  return first?.each ?? names.find((each) => each.toLowerCase().endsWith(name.toLowerCase()));
}

/** Levenshtein distance: letters to put in, take out or change. */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const changed = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
