import { type ReplacedAnnotation, replacementOfAnnotation } from '../../deprecations/annotations.ts';
import type { DaemonSetRule } from '../rule.ts';
import { isJsonObject, readField } from '../untrusted.ts';

/** What they said is no longer heard, or soon will not be. */
export const deprecatedAnnotations: DaemonSetRule = {
  id: 'deprecated-annotations',
  level: 'off',
  check: ({ object }) => {
    const annotations = readField(object, 'spec', 'template', 'metadata', 'annotations');
    if (!isJsonObject(annotations)) return [];
    return Object.keys(annotations).flatMap((name) => {
      const replacement = replacementOfAnnotation(name);
      if (!replacement) return [];
      return [
        {
          path: `spec.template.metadata.annotations[${name}]`,
          message: `is an annotation of the past, ${fateOf(replacement)}; use ${replacement.field}`,
        },
      ];
    });
  },
};

function fateOf({ deprecatedSince }: ReplacedAnnotation): string {
  return deprecatedSince === undefined
    ? 'which Kubernetes no longer reads'
    : `deprecated since Kubernetes ${deprecatedSince}`;
}
