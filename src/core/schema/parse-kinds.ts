/** What a field holds: a list, a map of names that people choose, or a value or kind by its name. */
export type FieldType =
  | { readonly list: FieldType }
  | { readonly map: FieldType }
  | { readonly name: ValueType | (string & {}) };

export type ValueType = 'string' | 'integer' | 'number' | 'boolean' | 'intOrString' | 'quantity' | 'any';

export type Field = { readonly type: FieldType; readonly required: boolean };

/** By kind, such as `Container`, its fields by name. */
export type Kinds = ReadonlyMap<string, ReadonlyMap<string, Field>>;

/** Reads lines such as `NodeSelectorTerm: matchExpressions [Requirement], labels {string}, key! string`. */
export function parseKinds(text: string): Kinds {
  const lines = text.trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [kind = '', fields = ''] = line.split(': ');
      return [kind, new Map(fields.split(', ').map(parseField))];
    }),
  );
}

function parseField(text: string): readonly [string, Field] {
  const [name = '', type = ''] = text.split(' ');
  const required = name.endsWith('!');
  return [required ? name.slice(0, -1) : name, { type: parseType(type), required }];
}

function parseType(text: string): FieldType {
  if (text.startsWith('[')) return { list: parseType(text.slice(1, -1)) };
  if (text.startsWith('{')) return { map: parseType(text.slice(1, -1)) };
  return { name: text };
}
