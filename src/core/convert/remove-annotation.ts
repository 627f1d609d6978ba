import { type JsonObject, MALFORMED, readObject } from '../admission/untrusted.ts';
import type { Edit } from './edit.ts';
import { TEMPLATE_ANNOTATIONS } from './step.ts';

/** Removes one annotation, and the mapping with it that it was the last of. */
export function removeAnnotation(
  object: JsonObject,
  annotations: readonly string[],
  name: string,
  note: string,
): readonly Edit[] {
  const all = readObject(object, ...annotations);
  if (all === undefined || all === MALFORMED) return [];
  const isLast = Object.keys(all).every((each) => each === name);
  return [
    {
      operation: 'remove',
      path: isLast ? annotations : [...annotations, name],
      note: isLast ? `${name} ${note}` : note,
    },
  ];
}

/** The same for an annotation of the pod template. */
export function dropAnnotation(daemonSet: JsonObject, name: string, note: string): readonly Edit[] {
  return removeAnnotation(daemonSet, TEMPLATE_ANNOTATIONS, name, note);
}
