import { type Document, isMap, isPair, isSeq, stringify, visit } from 'yaml';
import { YAML_FOR_KUBECTL } from './kubectl-yaml.ts';

/** How a document is written, so that what is put in looks like the rest. */
export type Style = {
  readonly isJson: boolean;
  readonly lineBreak: '\n' | '\r\n';
  /** One step of indentation. */
  readonly indent: string;
  /** Whether lists stand further in than the name of their field. */
  readonly indentLists: boolean;
};

export function styleOf(text: string, document: Document.Parsed): Style {
  const isJson = /^\s*\{/.test(text) && isValidJson(text);
  const { columns = 2, indentLists = false } = isJson ? {} : blockStyle(text, document);
  return {
    isJson,
    lineBreak: text.includes('\r\n') ? '\r\n' : '\n',
    indent: isJson ? (/\n([ \t]+)"/.exec(text)?.[1] ?? '') : ' '.repeat(columns),
    indentLists,
  };
}

/** Columns between the start of the offset's line and the offset. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line of the offset ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return end > offset && text[end - 1] === '\r' ? end - 1 : end;
}

/** A value as lines of block YAML, the first without indentation. */
export function blockLines(
  value: unknown,
  { indent, indentLists, lineBreak }: Style,
  column: number,
): string {
  return stringify(value, {
    ...YAML_FOR_KUBECTL,
    lineWidth: 0,
    indent: Math.max(indent.length, 1),
    indentSeq: indentLists,
    aliasDuplicateObjects: false,
  })
    .trimEnd()
    .split('\n')
    .map((line, at) => (at === 0 || line === '' ? line : ' '.repeat(column) + line))
    .join(lineBreak);
}

/** A field as it stands within braces; `outer` is the indentation of its line where JSON has lines. */
export function flowPair(name: string, value: unknown, style: Style, outer: string | undefined): string {
  if (style.isJson) return `${JSON.stringify(name)}: ${flowValue(value, style, outer)}`;
  return stringify({ [name]: value }, FLOW)
    .trim()
    .slice(1, -1)
    .trim();
}

export function flowValue(value: unknown, style: Style, outer: string | undefined): string {
  if (!style.isJson) return stringify(value, FLOW).trim();
  if (outer === undefined) return JSON.stringify(value);
  return JSON.stringify(value, undefined, style.indent).replaceAll('\n', style.lineBreak + outer);
}

/** A string in the place of another: in the same quotes. */
export function scalarLike(before: string, value: string): string {
  if (before.startsWith('"')) return JSON.stringify(value);
  if (before.startsWith("'")) return `'${value.replaceAll("'", "''")}'`;
  return stringify(value, FLOW).trim();
}

const FLOW = {
  ...YAML_FOR_KUBECTL,
  lineWidth: 0,
  collectionStyle: 'flow',
  aliasDuplicateObjects: false,
} as const;

/** Of the first field that holds a mapping, and of the first that holds a list, each on lines of its own. */
function blockStyle(
  text: string,
  document: Document.Parsed,
): { readonly columns?: number; readonly indentLists?: boolean } {
  let columns: number | undefined;
  let indentLists: boolean | undefined;
  visit(document, {
    Pair: (_, { key, value }) => {
      if (columns !== undefined && indentLists !== undefined) return visit.BREAK;
      const outer = columnOf(text, startOf(key));
      if (isMap(value) && value.flow !== true && isPair(value.items[0])) {
        columns ??= Math.max(columnOf(text, startOf(value.items[0].key)) - outer, 1);
      }
      if (isSeq(value) && value.flow !== true) indentLists ??= columnOf(text, startOf(value)) > outer;
      return undefined;
    },
  });
  return { ...(columns !== undefined && { columns }), ...(indentLists !== undefined && { indentLists }) };
}

function startOf(node: unknown): number {
  return (node as { readonly range?: readonly [number, number, number] | null } | null)?.range?.[0] ?? 0;
}

function isValidJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
