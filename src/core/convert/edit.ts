import type { FieldPath } from '../../api/field-path.ts';
import { isJsonObject } from '../admission/untrusted.ts';

/** One change of a manifest, small enough to be made in its text. Edits follow each other: each sees the one before. */
export type Edit = {
  readonly path: FieldPath;
  /** What was done and why, as a sentence without a full stop that reads on from the path. */
  readonly note: string;
} & (
  | {
      /** Gives a field its value; what holds it exists. A new field becomes the first or the last of its object. */
      readonly operation: 'set';
      readonly value: unknown;
      readonly at?: 'start';
    }
  /** Puts a value into a list, at the position that ends the path. */
  | { readonly operation: 'insert'; readonly value: unknown }
  /** Gives the field another name, in its place. */
  | { readonly operation: 'rename'; readonly to: string }
  | { readonly operation: 'remove' }
);

/** The object after the edit; what does not change is shared with the one before. */
export function applyEdit(object: unknown, edit: Edit): unknown {
  return change(object, edit.path, edit);
}

function change(value: unknown, path: FieldPath, edit: Edit): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return edit.operation === 'set' ? edit.value : value;
  if (Array.isArray(value)) return changeList(value, Number(step), rest, edit);
  if (!isJsonObject(value)) throw new Error(`no field ${step} to ${edit.operation}: not an object`);
  const name = String(step);
  if (rest.length > 0) return { ...value, [name]: change(value[name], rest, edit) };
  const entries = Object.entries(value);
  if (edit.operation === 'remove') return Object.fromEntries(entries.filter(([key]) => key !== name));
  if (edit.operation === 'rename') {
    return Object.fromEntries(entries.map(([key, each]) => [key === name ? edit.to : key, each]));
  }
  const at = edit.operation === 'set' ? edit.at : undefined;
  return at === 'start' && !Object.hasOwn(value, name)
    ? { [name]: edit.value, ...value }
    : { ...value, [name]: edit.value };
}

function changeList(list: readonly unknown[], at: number, rest: FieldPath, edit: Edit): readonly unknown[] {
  if (rest.length === 0 && edit.operation === 'insert') return list.toSpliced(at, 0, edit.value);
  return list.with(at, change(list[at], rest, edit));
}
