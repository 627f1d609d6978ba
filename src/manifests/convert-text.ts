import { type FieldPath, formatFieldPath } from '../api/field-path.ts';
import { convertDocument } from '../core/convert/convert.ts';
import { editDocument } from './edit-document.ts';
import { type Position, START } from './fault.ts';
import { type Manifest, readManifests } from './read-manifests.ts';

/** Something to be said about a place in a source. */
export type Remark = Position & {
  readonly source: string;
  /** The field that it is about, in the object that it is of; empty where it is about the document. */
  readonly field: string;
  /** Reads on from the field, or from the place where there is none. */
  readonly message: string;
};

/** What became of a source. */
export type ConvertedText = {
  /** The source with its DaemonSets in apps/v1; what is no DaemonSet, or could not be converted, byte for byte. */
  readonly text: string;
  /** One for each change, in the order of the objects. */
  readonly notes: readonly Remark[];
  /** What is left to a person. */
  readonly problems: readonly Remark[];
  /** DaemonSets that changed, DaemonSets that are as they should be or are left to a person, other objects. */
  readonly counts: { readonly converted: number; readonly unchanged: number; readonly others: number };
};

/** Converts all DaemonSets of a source to apps/v1. Never throws for what the text holds; see `core/convert`. */
export function convertText(text: string, source: string): ConvertedText {
  const pieces: string[] = [];
  const notes: Remark[] = [];
  const problems: Remark[] = [];
  const counts = { converted: 0, unchanged: 0, others: 0 };
  let from = 0;
  for (const manifest of readManifests(text, source)) {
    const done = convertManifest(manifest);
    pieces.push(text.slice(from, manifest.offset), done.text);
    from = manifest.offset + manifest.text.length;
    notes.push(...done.notes);
    problems.push(...done.problems);
    for (const key of ['converted', 'unchanged', 'others'] as const) counts[key] += done.counts[key];
  }
  return { text: [...pieces, text.slice(from)].join(''), notes, problems, counts };
}

const NONE = { converted: 0, unchanged: 0, others: 0 };

function convertManifest(manifest: Manifest): ConvertedText {
  const { text, source, faults, object } = manifest;
  const remark = (field: FieldPath, message: string): Remark => ({
    source,
    ...(manifest.positionOf(field) ?? START),
    field: formatFieldPath(field),
    message,
  });
  const unread = faults.map((fault): Remark => ({ source, field: '', ...fault }));
  if (unread.length > 0) return { text, notes: [], problems: unread, counts: NONE };
  const { daemonSets, listEdits, others } = convertDocument(object);
  const obstacles = daemonSets.flatMap(({ obstacles }) =>
    obstacles.map(({ path, message }) => remark(path, message)),
  );
  const lists = [listEdits, ...daemonSets.map(({ edits }) => edits)];
  const asItIs = { converted: 0, unchanged: daemonSets.length, others };
  if (lists.every(({ length }) => length === 0))
    return { text, notes: [], problems: obstacles, counts: asItIs };
  const edited = editDocument(text, lists);
  if (typeof edited !== 'string') {
    const problem = remark(edited.path, edited.message);
    return { text, notes: [], problems: [...obstacles, problem], counts: asItIs };
  }
  const converted = daemonSets.filter(({ edits }) => edits.length > 0).length;
  return {
    text: edited,
    notes: lists.flat().map(({ path, note }) => remark(path, note)),
    problems: obstacles,
    counts: { converted, unchanged: daemonSets.length - converted, others },
  };
}
