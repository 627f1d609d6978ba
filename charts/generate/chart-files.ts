import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { dashboard } from './dashboard.ts';
import { readDocumentedValues, type DocumentedValue } from './values-comments.ts';
import { valuesSchema } from './values-schema.ts';

type Schema = {
  properties?: Record<string, Schema>;
  required?: string[];
  default?: unknown;
  description?: string;
  [keyword: string]: unknown;
};

export type GeneratedFile = { readonly path: string; readonly content: string };

const chartFolder = fileURLToPath(new URL('../everynode/', import.meta.url));
const TABLE = /(<!-- values: begin -->\n)[^]*(<!-- values: end -->)/;

/** The files of the chart that are made from others, with absolute paths. */
export async function chartFiles(): Promise<readonly GeneratedFile[]> {
  const read = (name: string): Promise<string> => readFile(chartFolder + name, 'utf8');
  const values = readDocumentedValues(await read('values.yaml'));
  const readme = await read('README.md');
  return [
    { path: `${chartFolder}values.schema.json`, content: asJson(schemaOf(values)) },
    { path: `${chartFolder}files/dashboard.json`, content: asJson(dashboard()) },
    { path: `${chartFolder}README.md`, content: readme.replace(TABLE, `$1${tableOf(values)}\n$2`) },
  ];
}

function asJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function schemaOf(values: readonly DocumentedValue[]): Schema {
  const schema = z.toJSONSchema(valuesSchema, { target: 'draft-7', io: 'input' }) as Schema;
  for (const { path, text } of values) describe(schema, path.split('.'), text);
  return withoutDefaults(schema);
}

function describe(schema: Schema, [key = '', ...rest]: readonly string[], text: string): void {
  const property = schema.properties?.[key];
  if (!property)
    throw new Error(`values.yaml: ${key} is not in the schema (charts/generate/values-schema.ts)`);
  if (rest.length > 0) describe(property, rest, text);
  else property.description = text;
}

/** Defaults stand in values.yaml alone, and a value of null is how a user takes one away. */
function withoutDefaults(schema: Schema): Schema {
  const { default: _, required, ...rest } = schema;
  const kept = (required ?? []).filter((key) => NAMED.has(key));
  return {
    ...Object.fromEntries(Object.entries(rest).map(([keyword, value]) => [keyword, inside(keyword, value)])),
    ...(kept.length > 0 && { required: kept }),
  };
}

/** Keys without which an item of a list says nothing. */
const NAMED = new Set(['name', 'key', 'tolerations']);

function inside(keyword: string, value: unknown): unknown {
  if (keyword === 'properties') {
    const entries = Object.entries(value as Record<string, Schema>);
    return Object.fromEntries(entries.map(([key, schema]) => [key, withoutDefaults(schema)]));
  }
  if (Array.isArray(value)) return value.map((item) => (isSchema(item) ? withoutDefaults(item) : item));
  return isSchema(value) ? withoutDefaults(value) : value;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tableOf(values: readonly DocumentedValue[]): string {
  const rows = values.map(
    ({ path, text, default: value }) => `| \`${path}\` | ${cell(text)} | ${cell(value)} |`,
  );
  return ['| value | what it is | default |', '| --- | --- | --- |', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
