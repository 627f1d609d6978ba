import { SEVERITIES, type Severity } from '../severity.ts';

/** Names one object; `namespace` is absent for cluster-scoped kinds. */
export type ObjectRef = { readonly kind: string; readonly namespace?: string; readonly name: string };

/** One thing that is wrong with one object. */
export type Finding = {
  readonly severity: Severity;
  /** What was looked at, in kebab case. */
  readonly check: string;
  readonly object: ObjectRef;
  /** The field that it is about; empty where it is about the object as such. */
  readonly path: string;
  /** What is wrong and what comes of it, as a sentence. */
  readonly explanation: string;
  /** What to do. */
  readonly remedy: string;
};

/** `Kind/name` or `Kind/namespace/name`. */
export function nameOf({ kind, namespace, name }: ObjectRef): string {
  return [kind, namespace, name].filter(Boolean).join('/');
}

/** Worst first; the rest in the order in which it was found. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}
