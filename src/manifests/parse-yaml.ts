import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { type Fault, type Position, START } from './fault.ts';
import { KUBECTL_YAML } from './kubectl-yaml.ts';

/** One document, parsed. Faults are in the order of the text; where there are any, `document` is a guess. */
export type ParsedYaml = {
  readonly document: Document.Parsed;
  readonly faults: readonly Fault[];
  /** Place of an offset in the text. */
  readonly placeOf: (offset: number) => Position;
};

const NO_KEY =
  'a mapping or list cannot be a key; if this is a template, give what is made of it (helm template, kubectl kustomize)';

const NO_MERGE = '<< merges what is no mapping; give it a mapping, its alias, or a list of these';

/** Aliases that one anchor may have, times those within it: what more of them would be is a bomb. */
const MAX_ALIASES = 10_000;

/** Parses one document as kubectl would: YAML 1.1, of which JSON is a part. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...KUBECTL_YAML,
    keepSourceTokens: true,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const placeOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const tooDeep = document.errors.find(({ message }) => /call stack|stack overflow/i.test(message));
  const errors = tooDeep ? [tooDeep] : document.errors;
  const faults = errors.map((error) => ({
    ...placeOf(error.pos[0]),
    message: tooDeep ? 'is nested too deeply to be read' : explain(error, text),
  }));
  return { document, faults: faults.length > 0 ? faults : faultsOfNodes(document, placeOf), placeOf };
}

/** The JSON that the document stands for, or why there is none. */
export function toJson({ document }: ParsedYaml): { readonly value: unknown } | Fault {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown };
  } catch {
    return {
      ...START,
      message: `has more than ${MAX_ALIASES} aliases of an anchor within another; write them out`,
    };
  }
}

/** What is YAML, and yet stands for no JSON. */
function faultsOfNodes(document: Document.Parsed, placeOf: ParsedYaml['placeOf']): readonly Fault[] {
  const faults: Fault[] = [];
  const report = ({ range }: Node, message: string): void => {
    faults.push({ ...placeOf(range?.[0] ?? 0), message });
  };
  visit(document, {
    Alias: (_key, alias) => {
      if (!alias.resolve(document)) {
        report(alias, `*${alias.source} is the alias of no anchor; set &${alias.source} before it`);
      } else if (isWithin(alias, alias.resolve(document))) {
        report(alias, `*${alias.source} is part of what it stands for; write it out`);
      }
    },
    Pair: (_key, { key, value }) => {
      if (isCollection(key)) report(key, NO_KEY);
      if (!isScalar(key)) return;
      if (key.value === null) report(key, 'is null, which cannot be a key; put it into quotes');
      if (typeof key.value === 'symbol' && !isMergeable(value, document)) report(key, NO_MERGE);
    },
    Scalar: (_key, scalar) => {
      const { value } = scalar;
      if (value instanceof Uint8Array)
        report(scalar, 'is !!binary, which JSON does not have; write it as a string');
      if (typeof value === 'number' && !Number.isFinite(value))
        report(scalar, 'is a number that JSON does not have; put it into quotes if it is a name');
    },
  });
  return faults;
}

/** Mappings, or lists of them. */
function isMergeable(value: unknown, document: Document.Parsed): boolean {
  const resolved = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);
  const source = resolved(value);
  return isSeq(source) ? source.items.every((item) => isMap(resolved(item))) : isMap(source);
}

function isWithin(alias: Node, anchored: Node | undefined): boolean {
  const [start = 0, , end = 0] = anchored?.range ?? [];
  const at = alias.range?.[0] ?? -1;
  return at >= start && at < end;
}

const EXPLANATIONS: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  TAB_AS_INDENT: 'a tab indents this line; YAML takes spaces only',
  BLOCK_AS_IMPLICIT_KEY:
    'a second colon follows on one line; put the value into quotes, or on a line of its own',
  MULTIPLE_DOCS: 'a second document begins here; separate documents by a line ---',
};

function explain({ code, pos, message }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') {
    const [key = ''] = /^(?:"[^"\n]*"|'[^'\n]*'|[^:\n]*)/.exec(text.slice(pos[0], pos[0] + 200)) ?? [];
    return `${key.trim()} is there twice in one mapping; keep one of them`;
  }
  return EXPLANATIONS[code] ?? `is not YAML: ${message.split('\n', 1)[0] ?? code}`;
}

/** Text of a key as JSON has it. */
export function keyText(key: unknown): string {
  const value = isScalar<string | number | boolean | null>(key) ? key.value : null;
  return value === null ? '' : String(value);
}
