import type { FieldPath } from '../api/field-path.ts';
import { isJsonObject } from './admission/untrusted.ts';

/** An object that may be an item of a List. */
export type Listed = {
  readonly object: unknown;
  /** Where it stands in what was unfolded: empty, or `items[n]`. */
  readonly path: FieldPath;
  /** The List that it is an item of. */
  readonly list?: { readonly kind: string; readonly apiVersion: unknown };
};

/** The object, or its items where it is a List of any kind, those of Lists within it too. */
export function unfoldLists(object: unknown, path: FieldPath = []): readonly Listed[] {
  const { kind, apiVersion, items } = isJsonObject(object) ? object : {};
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ object, path }];
  return (items as readonly unknown[]).flatMap((item, index) =>
    unfoldLists(item, [...path, 'items', index]).map((each) => ({ list: { kind, apiVersion }, ...each })),
  );
}
