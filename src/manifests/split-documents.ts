/** One document of a source, as it stands there: the texts of all, joined, are the source. */
export type DocumentText = {
  readonly text: string;
  /** Where it begins in the source. */
  readonly offset: number;
  /** Line of the source on which it begins, from 1. */
  readonly line: number;
};

/** No object is that large; a List may be, of a few thousand. Parsing takes a hundred times as much memory. */
export const MAX_DOCUMENT_LENGTH = 8 * 1024 * 1024;

const MARKER = /^---(?=[ \t\r\n]|$)/gm;
const DOCUMENT_END = /^\.\.\.(?=[ \t\r\n]|$)[^\n]*(?:\n|$)/m;
/** A line that is neither blank nor a comment nor a directive. */
const CONTENT = /^(?!%)[ \t]*[^\s#]/m;

/**
 * Takes a source apart where its documents begin, before any is parsed: so that one that is no YAML spoils no other,
 * and only one is in memory. JSON objects that follow each other, as kubectl takes them, are documents too.
 */
export function splitDocuments(source: string): readonly DocumentText[] {
  const documents: DocumentText[] = [];
  let line = 1;
  let offset = 0;
  for (const part of joinPreludes(splitAtMarkers(source)).flatMap(splitJson)) {
    documents.push({ text: part, offset, line });
    line += countLines(part);
    offset += part.length;
  }
  return documents;
}

function splitAtMarkers(source: string): readonly string[] {
  const starts = [0, ...[...source.matchAll(MARKER)].map(({ index }) => index)];
  return starts
    .map((start, at) => source.slice(start, starts[at + 1]))
    .flatMap((part) => {
      const end = DOCUMENT_END.exec(part);
      // What follows the end of a document are directives of the next one.
      return end ? [part.slice(0, end.index + end[0].length), part.slice(end.index + end[0].length)] : [part];
    })
    .filter((part) => part !== '');
}

/** Comments and directives that precede a marker belong to its document; at the end of all, to the last one. */
function joinPreludes(parts: readonly string[]): readonly string[] {
  const joined: string[] = [];
  let prelude = '';
  for (const part of parts) {
    if (CONTENT.test(part)) {
      joined.push(prelude + part);
      prelude = '';
    } else prelude += part;
  }
  if (prelude !== '') joined.push((joined.pop() ?? '') + prelude);
  return joined;
}

function splitJson(part: string): readonly string[] {
  if (part.length > MAX_DOCUMENT_LENGTH || !/^\s*\{/.test(part)) return [part];
  const ends = objectEnds(part);
  if (ends.length < 2) return [part];
  const pieces = ends.map((end, at) =>
    part.slice(at === 0 ? 0 : ends[at - 1], at === ends.length - 1 ? undefined : end),
  );
  return pieces.every(isJson) ? pieces : [part];
}

/** Where each outermost object ends. */
function objectEnds(text: string): readonly number[] {
  const ends: number[] = [];
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}]/g)) {
    if (token === '{') depth += 1;
    if (token === '}' && --depth === 0) ends.push(index + 1);
  }
  return ends;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
