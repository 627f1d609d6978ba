import { isDeepStrictEqual } from 'node:util';
import { visit } from 'yaml';
import type { FieldPath } from '../api/field-path.ts';
import { applyEdit, type Edit } from '../core/convert/edit.ts';
import { parseYaml, type ParsedYaml, toJson } from './parse-yaml.ts';
import { NotEditable, type Splice, spliceOf } from './splice.ts';
import { styleOf } from './style.ts';

/** Why edits cannot be made in a text; the message reads on from the field. */
export type NotEdited = { readonly path: FieldPath; readonly message: string };

/**
 * Makes edits in the text of one document, and leaves every other byte as it is: comments, order, quotes, line breaks.
 *
 * @param lists edits of objects that do not touch each other, such as the items of a List.
 * @returns the new text, or why there is none.
 */
export function editDocument(text: string, lists: readonly (readonly Edit[])[]): string | NotEdited {
  const before = parseYaml(text);
  const object = toJson(before);
  if ('message' in object) return { path: [], message: object.message };
  const expected = lists.flat().reduce<unknown>(applyEdit, object.value);
  const edited = inRounds(text, lists, before);
  if (typeof edited !== 'string') return edited;
  return standsFor(edited, expected) ? edited : { path: [], message: unexpected(before) };
}

/** One edit of each list at a time, so that a List of thousands is not parsed thousands of times. */
function inRounds(text: string, lists: readonly (readonly Edit[])[], first: ParsedYaml): string | NotEdited {
  const rounds = Math.max(0, ...lists.map(({ length }) => length));
  let now = text;
  for (let round = 0; round < rounds; round += 1) {
    const { document } = round === 0 ? first : parseYaml(now);
    const page = { text: now, style: styleOf(now, document), document };
    const splices: Splice[] = [];
    for (const edit of lists.flatMap((edits) => edits[round] ?? [])) {
      try {
        splices.push(spliceOf(page, edit));
      } catch (error) {
        if (!(error instanceof NotEditable)) throw error;
        return { path: edit.path, message: error.message };
      }
    }
    now = spliced(now, splices);
  }
  return now;
}

function spliced(text: string, splices: readonly Splice[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end, text: piece } of splices.toSorted((a, b) => a.start - b.start)) {
    pieces.push(text.slice(from, start), piece);
    from = end;
  }
  return [...pieces, text.slice(from)].join('');
}

/** Whether the text says what it should: the proof that no edit went to the wrong place. */
function standsFor(text: string, expected: unknown): boolean {
  const parsed = parseYaml(text);
  if (parsed.faults.length > 0) return false;
  const json = toJson(parsed);
  return 'value' in json && isDeepStrictEqual(json.value, expected);
}

function unexpected({ document }: ParsedYaml): string {
  let hasAlias = false;
  visit(document, {
    Alias: () => {
      hasAlias = true;
      return visit.BREAK;
    },
  });
  return hasAlias
    ? 'cannot be converted in place: what has to change stands for something else too, by an anchor. Write out its aliases'
    : 'cannot be converted in place, because of the way in which it is written. Write it with one field on a line';
}
