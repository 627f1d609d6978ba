import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** One documented value of values.yaml. */
export type DocumentedValue = {
  /** With dots between the keys. */
  readonly path: string;
  readonly text: string;
  /** As JSON, or in words where the comment gives them. */
  readonly default: string;
};

/**
 * The values of a values.yaml that have a comment of the form `# -- text`, in their order. `@default -- words` in it says
 * what the default is where the value itself does not.
 *
 * @throws Error for a value that neither has such a comment nor leads to values that have.
 */
export function readDocumentedValues(yaml: string): readonly DocumentedValue[] {
  const root = parseDocument(yaml, { version: '1.1' }).contents;
  return isMap(root) ? valuesOf(root, '', root.commentBefore ?? '') : [];
}

/** The comment before the first key belongs to the map, or to the document, as the parser has it. */
function valuesOf(map: YAMLMap, prefix: string, first: string): readonly DocumentedValue[] {
  return map.items.flatMap((pair, index) => {
    const key = isScalar(pair.key) ? pair.key : undefined;
    const comment = [index === 0 ? first : '', key?.commentBefore ?? ''].join('\n');
    return valueOf(pair, prefix + String(key?.value), comment);
  });
}

function valueOf({ value }: Pair, path: string, comment: string): readonly DocumentedValue[] {
  const documented = textOf(comment);
  if (documented !== undefined) {
    const [text = '', words] = documented.split(/@default -- /);
    const shown = words?.trim() ?? `\`${JSON.stringify(plain(value))}\``;
    return [{ path, text: text.trim(), default: shown }];
  }
  if (!isMap(value) || value.items.length === 0) {
    throw new Error(`values.yaml: ${path} has no comment; write "# -- what it is" above it`);
  }
  return valuesOf(value, `${path}.`, value.commentBefore ?? '');
}

/** What follows the last `--` of the comment, on one line. */
function textOf(comment: string): string | undefined {
  const lines = comment.split('\n').map((line) => line.trim());
  const start = lines.findLastIndex((line) => line.startsWith('-- '));
  if (start < 0) return undefined;
  return lines.slice(start).join(' ').replace(/^-- /, '').trim();
}

function plain(value: unknown): unknown {
  return (value as { toJSON?: () => unknown } | null)?.toJSON?.() ?? value;
}
