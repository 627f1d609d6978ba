import type { FieldType, Kinds } from '../../src/core/schema/parse-kinds.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

const TIMES = /time(?:stamp)?$/i;
const SAMPLES: Readonly<Record<string, Json>> = {
  string: 'x',
  integer: 1,
  number: 1,
  boolean: true,
  intOrString: 1,
  quantity: '1',
  any: {},
};
/** What is never of the type. */
const WRONG: Readonly<Record<string, readonly Json[]>> = {
  string: [7],
  integer: ['x', 1.5],
  number: ['x'],
  boolean: ['x'],
  intOrString: [true],
  quantity: [true],
  any: [],
};

/** An object of that kind with every field that there is, down to the last one. It makes no sense. */
export function everyField(kinds: Kinds, kind: string): Json {
  return sampleOf({ name: kind }, '', kinds);
}

function sampleOf(type: FieldType, field: string, kinds: Kinds): Json {
  if ('list' in type) return [sampleOf(type.list, '', kinds)];
  if ('map' in type) return { key: sampleOf(type.map, '', kinds) };
  const fields = kinds.get(type.name);
  if (!fields) return TIMES.test(field) ? '2026-01-01T00:00:00Z' : (SAMPLES[type.name] ?? null);
  return Object.fromEntries([...fields].map(([name, each]) => [name, sampleOf(each.type, name, kinds)]));
}

/** An object with nothing in it but one thing that is wrong, and where that is. */
export type Mutation = { readonly path: string; readonly object: Json };

/** Each value that there is in turn with another type, and each mapping with a field that does not exist. */
export function mutations(kinds: Kinds, kind: string): readonly Mutation[] {
  return [...mutationsOf({ name: kind }, kinds)].map(({ path, object }) => ({
    path: path.replace(/^\./, ''),
    object,
  }));
}

function* mutationsOf(type: FieldType, kinds: Kinds): Generator<Mutation> {
  if ('list' in type) {
    for (const each of within(type.list, kinds)) yield { path: `[0]${each.path}`, object: [each.object] };
    return;
  }
  if ('map' in type) {
    for (const each of within(type.map, kinds))
      yield { path: `[key]${each.path}`, object: { key: each.object } };
    return;
  }
  const fields = kinds.get(type.name);
  if (!fields) return;
  for (const [name, field] of fields) {
    for (const each of within(field.type, kinds))
      yield { path: `.${name}${each.path}`, object: { [name]: each.object } };
  }
  yield { path: '.notAField', object: { notAField: 1 } };
}

/** What can be wrong with a value itself, and with what it holds. */
function* within(type: FieldType, kinds: Kinds): Generator<Mutation> {
  for (const object of wrongs(type)) yield { path: '', object };
  yield* mutationsOf(type, kinds);
}

function wrongs(type: FieldType): readonly Json[] {
  return 'name' in type ? (WRONG[type.name] ?? ['x', []]) : ['x'];
}
