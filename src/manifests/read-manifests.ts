import { isMap, isSeq, type Node } from 'yaml';
import { type FieldPath, parseFieldPath } from '../api/field-path.ts';
import { isJsonObject } from '../core/admission/untrusted.ts';
import { type Listed, unfoldLists } from '../core/lists.ts';
import { type Fault, type Position, START } from './fault.ts';
import { keyText, parseYaml, type ParsedYaml, toJson } from './parse-yaml.ts';
import { type DocumentText, MAX_DOCUMENT_LENGTH, splitDocuments } from './split-documents.ts';

/** One document of a source that holds something. */
export type Manifest = {
  /** What the user calls it, such as `agents/fluentd.yaml`; `-` for standard input. */
  readonly source: string;
  /** Its place among the documents of the source, from 0; empty ones count. */
  readonly index: number;
  /** Plain JSON, as kubectl would send it; undefined where faults leave it open. Never to be changed. */
  readonly object: unknown;
  /**
   * Where a field stands in the source: its key, or the entry of a list. Where there is no such field, the nearest
   * one that would hold it; undefined only where the document could not be read.
   *
   * @param path as in the findings of rules: `spec.template.spec.containers[0].image`.
   */
  readonly positionOf: (path: string | FieldPath) => Position | undefined;
  /** Why it cannot be used; empty for a sound one. */
  readonly faults: readonly Fault[];
  /** As it stands in the source, from `offset` on: with its marker, and the comments before that. */
  readonly text: string;
  readonly offset: number;
};

/**
 * Reads a source of YAML or JSON, with any number of documents, one at a time: the next is parsed when it is asked for.
 * Never throws for what the text holds: that is in the `faults` of its document, and the others are read.
 */
export function* readManifests(text: string, source: string): Generator<Manifest> {
  for (const [index, document] of splitDocuments(text).entries()) {
    const manifest = readDocument(document, source, index);
    if (manifest) yield manifest;
  }
}

/** One object of a manifest: the manifest itself, or an item of a List. */
export type ManifestObject = Pick<Manifest, 'object' | 'positionOf'> & {
  /** Where the object stands in its document: empty, or `items[n]`. */
  readonly path: FieldPath;
};

/** The objects in a document: the items where it is a List, however deep, else the one that it is. */
export function objectsOf({
  object,
  positionOf,
}: Pick<Manifest, 'object' | 'positionOf'>): readonly ManifestObject[] {
  return unfoldLists(object).map((each) => ({
    object: asItem(each),
    path: each.path,
    positionOf: (path) => positionOf([...each.path, ...asPath(path)]),
  }));
}

/** Items of a `DaemonSetList` need not say that they are DaemonSets: the API server leaves it out. */
function asItem({ object, list }: Listed): unknown {
  if (!list || list.kind === 'List' || !isJsonObject(object) || object['kind'] !== undefined) return object;
  return { apiVersion: list.apiVersion, kind: list.kind.replace(/List$/, ''), ...object };
}

function readDocument(
  { text, offset, line }: DocumentText,
  source: string,
  index: number,
): Manifest | undefined {
  const manifest = (rest: Pick<Manifest, 'object' | 'faults'> & Partial<Manifest>): Manifest => ({
    source,
    index,
    text,
    offset,
    positionOf: () => undefined,
    ...rest,
  });
  const placed = <T extends Position>(place: T): T => ({ ...place, line: place.line + line - 1 });
  const early = tooLong(text) ?? stray(text);
  if (early) return manifest({ object: undefined, faults: [placed(early)] });
  const parsed = parseYaml(text);
  if (parsed.faults.length > 0) return manifest({ object: undefined, faults: parsed.faults.map(placed) });
  const json = toJson(parsed);
  if ('message' in json) return manifest({ object: undefined, faults: [placed(json)] });
  if (json.value === null || json.value === undefined) return undefined;
  const fault = notAnObject(json.value, parsed);
  return manifest({
    object: fault ? undefined : json.value,
    faults: fault ? [placed(fault)] : [],
    positionOf: (path) => placed(findPosition(parsed, asPath(path))),
  });
}

function asPath(path: string | FieldPath): FieldPath {
  return typeof path === 'string' ? parseFieldPath(path) : path;
}

function tooLong({ length }: string): Fault | undefined {
  if (length <= MAX_DOCUMENT_LENGTH) return undefined;
  const limit = MAX_DOCUMENT_LENGTH / 1024 / 1024;
  return {
    ...START,
    message: `this document is longer than ${limit} MiB; split it into several, by lines ---`,
  };
}

/** What the parser would take for a part of a name, or explain by its consequences. */
function stray(text: string): Fault | undefined {
  for (const [pattern, explain] of STRAYS) {
    const at = text.search(pattern);
    if (at < 0) continue;
    const before = text.slice(0, at).split('\n');
    const code = (text.codePointAt(at) ?? 0).toString(16).padStart(4, '0').toUpperCase();
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message: explain(`U+${code}`) };
  }
  return undefined;
}

const STRAYS: readonly (readonly [RegExp, (code: string) => string])[] = [
  [
    // oxlint-disable-next-line no-control-regex
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/,
    (code) => `holds the control character ${code}, which YAML does not allow; remove it`,
  ],
  [/(?<=\n)\uFEFF/, (code) => `a byte order mark (${code}) stands here, where files were joined; remove it`],
  [
    /^---(?![ \t\r\n]|$)/m,
    () => '--- separates documents, and has to stand alone on its line; begin a new line after it',
  ],
];

function notAnObject(value: unknown, { document, placeOf }: ParsedYaml): Fault | undefined {
  if (typeof value === 'object' && !Array.isArray(value)) return undefined;
  const found = Array.isArray(value)
    ? 'a list'
    : `the ${typeof value} ${JSON.stringify(value)?.slice(0, 40)}`;
  return {
    ...placeOf(document.contents?.range?.[0] ?? 0),
    message: `is not a Kubernetes object: found ${found}`,
  };
}

/** Follows the path as far as it is written out; what comes by an alias stands where the alias does. */
function findPosition({ document, placeOf }: ParsedYaml, path: FieldPath): Position {
  let node: unknown = document.contents;
  let at = document.contents?.range?.[0] ?? 0;
  for (const step of path) {
    const next = child(node, step);
    if (!next) break;
    at = next.at;
    node = next.value;
  }
  return placeOf(at);
}

function child(
  node: unknown,
  step: string | number,
): { readonly at: number; readonly value: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)] as Node | undefined;
    return item ? { at: item.range?.[0] ?? 0, value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => keyText(key) === String(step));
  return pair ? { at: (pair.key as Node).range?.[0] ?? 0, value: pair.value } : undefined;
}
