import { createHash } from 'node:crypto';
import type { Severity } from '../severity.ts';

/** The object that a finding is about. */
export type Subject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Empty where the object is not stored. */
  readonly uid?: string;
};

/** Why a finding is not counted: somebody accepted it. */
export type Suppression = {
  readonly reason: string;
  /** The last day that it holds, `YYYY-MM-DD`. */
  readonly until?: string;
};

/** One rule that one object breaks at one place. */
export type Finding = {
  readonly rule: string;
  readonly severity: Severity;
  readonly subject: Subject;
  readonly path: string;
  /** Reads on from the path: what is wrong, then what to do. */
  readonly message: string;
  /** The same finding in the next run, whatever its numbers and wherever it stands in a file. */
  readonly fingerprint: string;
  readonly suppressed?: Suppression;
  /** In a manifest: 1-based. */
  readonly location?: { readonly file: string; readonly line: number; readonly column: number };
};

/** As people name an object; what is no object has no namespace. */
export function nameOf({ kind, namespace, name }: Subject): string {
  return [kind, [namespace, name].filter((part) => part !== '').join('/')].join(' ');
}

/** What is wrong, and at which field if it is at one. */
export function sentenceOf({ path, message }: Pick<Finding, 'path' | 'message'>): string {
  return path === '' ? message : `${path}: ${message}`;
}

/** Of rule, object, field, and what else it is about; indexes of lists count, messages do not. */
export function fingerprint(
  rule: string,
  { kind, namespace, name }: Subject,
  path: string,
  about?: string,
): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, kind, namespace, name, path, ...(about === undefined ? [] : [about])]))
    .digest('hex')
    .slice(0, 32);
}
