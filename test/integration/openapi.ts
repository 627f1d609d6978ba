/** What an API server says of its types, as far as it is read. */
export type OpenApi = { readonly components: { readonly schemas: Readonly<Record<string, Schema>> } };

type Schema = {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
};

/** The kind and all that its fields are made of, a line each, in the notation of `src/core/schema/parse-kinds.ts`. */
export function kindsOf({ components: { schemas } }: OpenApi, root: string): string {
  const lines = new Map<string, string>();
  const add = (ref: string): string => {
    const name = ref.split('.').at(-1) ?? ref;
    const schema = schemas[ref.replace('#/components/schemas/', '')];
    if (!schema?.properties) return leafOf(schema ?? {});
    if (lines.has(name)) return name;
    lines.set(name, '');
    const fields = Object.entries(schema.properties).map(
      ([field, value]) => `${field}${schema.required?.includes(field) ? '!' : ''} ${typeOf(value)}`,
    );
    lines.set(name, `${name}: ${fields.join(', ')}`);
    return name;
  };
  const typeOf = ({ $ref, allOf = [], ...schema }: Schema): string => {
    const [only] = allOf;
    if ($ref ?? only?.$ref) return add($ref ?? only?.$ref ?? '');
    if (schema.type === 'array' && schema.items) return `[${typeOf(schema.items)}]`;
    if (schema.type === 'object' && schema.additionalProperties)
      return `{${typeOf(schema.additionalProperties)}}`;
    return leafOf(schema);
  };
  add(root);
  return [...lines.values()].toSorted().join('\n');
}

function leafOf({ type, format, oneOf }: Schema): string {
  if (format === 'int-or-string') return 'intOrString';
  if (oneOf)
    return oneOf.every((each) => each.type === 'string' || each.type === 'number') ? 'quantity' : 'any';
  return type === undefined || type === 'object' ? 'any' : type;
}

/** The file that holds them. */
export function sourceOf(kinds: string, version: string): string {
  return `// As a real API server says it; rewritten by: npx vitest run test/integration/verdicts.test.ts -u
/** The version of Kubernetes whose fields these are. */
export const KUBERNETES_VERSION = '${version}';

/** A DaemonSet and all that it is made of, in the notation of \`parseKinds\`. */
export const KINDS = \`
${kinds}
\`;
`;
}
