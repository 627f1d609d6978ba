/** Where a field stands in an object: names of fields, and positions in lists. */
export type FieldPath = readonly (string | number)[];

const PLAIN = /^[A-Za-z_$][\w$-]*$/;

/** As Kubernetes writes it: `spec.containers[0].image`; what is no plain name stands in brackets. */
export function formatFieldPath(path: FieldPath): string {
  return path
    .map((step, at) =>
      typeof step === 'string' && PLAIN.test(step) ? `${at === 0 ? '' : '.'}${step}` : `[${step}]`,
    )
    .join('');
}

/** The reverse. A number in brackets is a position in a list, whatever else stands there the name of a field. */
export function parseFieldPath(text: string): FieldPath {
  return [...text.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([name, bracketed]) =>
    bracketed === undefined ? name : /^\d+$/.test(bracketed) ? Number(bracketed) : bracketed,
  );
}
