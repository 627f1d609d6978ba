import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Edit } from '../core/convert/edit.ts';
import { keyText, type ParsedYaml } from './parse-yaml.ts';
import {
  blockLines,
  columnOf,
  flowPair,
  flowValue,
  lineEnd,
  lineStart,
  scalarLike,
  type Style,
} from './style.ts';

/** A piece of the text, and what takes its place. */
export type Splice = { readonly start: number; readonly end: number; readonly text: string };

/** The text is written in a way in which this edit cannot be made. The message reads on from the field. */
export class NotEditable extends Error {
  override readonly name = 'NotEditable';
}

type Page = { readonly text: string; readonly style: Style; readonly document: ParsedYaml['document'] };
type Holder = { readonly node: YAMLMap | YAMLSeq /** The field that holds it. */; readonly pair?: Pair };

/** Where in the text an edit is to be made, and what is to be written there. @throws NotEditable */
export function spliceOf(page: Page, edit: Edit): Splice {
  const holder = findHolder(page, edit);
  const last = edit.path.at(-1);
  if (isSeq(holder.node)) {
    if (edit.operation === 'insert') return insertItem(page, holder.node, Number(last), edit.value);
    throw new NotEditable('is a list');
  }
  const name = String(last);
  const pair = holder.node.items.find(({ key }) => keyText(key) === name);
  if (!pair) {
    if (edit.operation === 'set') return insertPair(page, holder, name, edit);
    throw new NotEditable(`gets ${name} from an alias; write it out here`);
  }
  switch (edit.operation) {
    case 'set':
      return replaceValue(page, holder.node, pair, edit.value);
    case 'rename':
      return replaceScalar(page, pair.key, edit.to);
    case 'remove':
      return holder.node.flow === true ? removeFromFlow(page, holder.node, pair) : removeLines(page, pair);
    case 'insert':
      throw new NotEditable('is no list');
  }
}

function findHolder({ document }: Page, { path }: Edit): Holder {
  let node: unknown = document.contents;
  let pair: Pair | undefined;
  for (const step of path.slice(0, -1)) {
    if (isSeq(node)) node = node.items[Number(step)];
    else if (isMap(node)) {
      pair = node.items.find(({ key }) => keyText(key) === String(step));
      if (!pair) throw new NotEditable(`gets ${step} from an alias; write it out here`);
      node = pair.value;
    }
    if (isAlias(node))
      throw new NotEditable(`*${node.source} is an alias of what has to change; write it out here`);
  }
  if (isMap(node) || isSeq(node)) return { node, ...(pair && { pair }) };
  throw new NotEditable('is neither a mapping nor a list');
}

function insertPair(
  { text, style }: Page,
  { node, pair }: Holder,
  name: string,
  edit: { readonly value: unknown; readonly at?: 'start' },
): Splice {
  const { items } = node as YAMLMap;
  const [first] = items;
  const last = items.at(-1);
  if (!first || !last) {
    const [start = 0, end = 0] = node.range ?? [];
    return {
      start,
      end,
      text: `{${style.isJson ? '' : ' '}${flowPair(name, edit.value, style, undefined)}${style.isJson ? '' : ' '}}`,
    };
  }
  if (node.flow === true) {
    const outer = ownLine(text, startOf(first.key));
    const written = flowPair(name, edit.value, style, outer);
    const gap = outer === undefined ? ' ' : style.lineBreak + outer;
    return edit.at === 'start'
      ? at(startOf(first.key), `${written},${gap}`)
      : at(contentEnd(last), `,${gap}${written}`);
  }
  const column = columnOf(text, startOf(first.key));
  const lines = blockLines({ [name]: edit.value }, style, column);
  return edit.at === 'start' && pair
    ? newLines(text, style, colonEnd(pair), ' '.repeat(column) + lines)
    : newLines(text, style, contentEnd(last), ' '.repeat(column) + lines);
}

function insertItem({ text, style }: Page, list: YAMLSeq, index: number, value: unknown): Splice {
  const before = list.items[index - 1];
  if (before === undefined) throw new NotEditable('is a list that holds nothing to put this after');
  if (list.flow === true) {
    const outer = ownLine(text, startOf(before));
    return at(
      contentEnd(before),
      `,${outer === undefined ? ' ' : style.lineBreak + outer}${flowValue(value, style, outer)}`,
    );
  }
  const column = columnOf(text, startOf(list));
  return newLines(
    text,
    style,
    contentEnd(before),
    ' '.repeat(column) + blockLines([value], { ...style, indentLists: false }, column),
  );
}

function replaceValue({ text, style }: Page, map: YAMLMap, pair: Pair, value: unknown): Splice {
  const before = pair.value;
  if (isAlias(before))
    throw new NotEditable(`*${before.source} is an alias of what has to change; write it out here`);
  if (typeof value === 'string' && isScalar(before) && typeof before.value === 'string') {
    return replaceScalar({ text, style }, before, value);
  }
  const end = contentEnd(pair);
  const start = colonEnd(pair);
  if (map.flow === true || style.isJson || typeof value !== 'object') {
    return { start, end, text: ` ${flowValue(value, style, ownLine(text, startOf(pair.key)))}` };
  }
  const column = columnOf(text, startOf(pair.key)) + style.indent.length;
  const comment = text.slice(end, lineEnd(text, end)).trim();
  const written = style.lineBreak + ' '.repeat(column) + blockLines(value, style, column);
  return { start, end: lineEnd(text, end), text: (comment === '' ? '' : ` ${comment}`) + written };
}

function replaceScalar({ text, style }: Pick<Page, 'text' | 'style'>, node: unknown, value: string): Splice {
  const [start, end] = rangeOf(node);
  const before = text.slice(start, end);
  // A text on lines of its own ends with its line.
  return { start, end, text: scalarLike(before, value) + (before.endsWith('\n') ? style.lineBreak : '') };
}

/** Takes out the lines of a field; the comments on them stay, on lines of their own. */
function removeLines({ text, style }: Page, pair: Pair): Splice {
  const key = startOf(pair.key);
  const indentation = ownLine(text, key);
  if (indentation === undefined)
    throw new NotEditable('stands on the line of something else; give it a line of its own');
  const valueEnd = contentEnd(pair);
  const end = text[valueEnd - 1] === '\n' ? valueEnd : afterLineBreak(text, lineEnd(text, valueEnd));
  const comments = commentsIn(pair.srcToken)
    .filter(({ offset }) => offset > key && offset < end)
    .map(({ source }) => indentation + source + style.lineBreak);
  return { start: lineStart(text, key), end, text: comments.join('') };
}

function removeFromFlow({ text, style }: Page, map: YAMLMap, pair: Pair): Splice {
  const index = map.items.indexOf(pair);
  const key = startOf(pair.key);
  const next = map.items[index + 1];
  const before = map.items[index - 1];
  const start = next || !before ? key : contentEnd(before);
  const end = next ? startOf(next.key) : contentEnd(pair);
  const within = commentsIn(pair.srcToken).filter(({ offset }) => offset > key && offset < end);
  // Between two fields there is nothing but a comma, space and comments.
  const between = next ? text.slice(contentEnd(pair), end) : text.slice(start, key);
  const comments = [...within.map(({ source }) => source), ...(between.match(/#[^\r\n]*/g) ?? [])];
  const gap = style.lineBreak + (ownLine(text, key) ?? '');
  const kept = comments.map((comment) => gap + comment).join('');
  return { start, end, text: kept === '' ? '' : kept + gap };
}

/** New lines after the line on which something ends. */
function newLines(text: string, { lineBreak }: Style, after: number, lines: string): Splice {
  if (text[after - 1] === '\n') return at(after, lines + lineBreak);
  return at(lineEnd(text, after), lineBreak + lines);
}

function at(offset: number, text: string): Splice {
  return { start: offset, end: offset, text };
}

function afterLineBreak(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

/** The indentation of something that is the first on its line; else undefined. */
function ownLine(text: string, offset: number): string | undefined {
  const start = lineStart(text, offset);
  const before = text.slice(start, offset);
  return start > 0 || text[0] !== '{' ? (/^[ \t]*$/.test(before) ? before : undefined) : undefined;
}

/** Where a field or value ends, without the comments and blank lines that follow it. */
function contentEnd(item: unknown): number {
  if (isCollection(item) && item.flow !== true && item.items.length > 0) return contentEnd(item.items.at(-1));
  if (isNode(item)) return isEmpty(item) ? startOf(item) : rangeOf(item)[1];
  const pair = item as Pair;
  return isNode(pair.value) && !isEmpty(pair.value) ? contentEnd(pair.value) : colonEnd(pair);
}

/** A null that is not written. */
function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}

function colonEnd({ key, srcToken }: Pair): number {
  const colon = srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
  return colon ? colon.offset + 1 : rangeOf(key)[1];
}

type Token = { readonly type: string; readonly offset: number; readonly source: string };

function commentsIn(token: unknown): readonly Token[] {
  if (typeof token !== 'object' || token === null) return [];
  if ('type' in token && token.type === 'comment') return [token as Token];
  return Object.values(token).flatMap(commentsIn);
}

function rangeOf(node: unknown): readonly [number, number] {
  const { range } = node as { readonly range?: readonly [number, number, number] | null };
  if (!range) throw new NotEditable('cannot be found in the text');
  return [range[0], range[1]];
}

function startOf(node: unknown): number {
  return rangeOf(node ?? {})[0];
}
