import type { JsonPatchOperation } from '../../api/admission.ts';

/** What a broken rule does: refuse the request, tell its sender, or nothing. */
export type Level = 'deny' | 'warn' | 'off';

/** One field that breaks a rule. */
export type Problem = {
  readonly path: string;
  /** Reads on from the path: what is wrong, then what to do. */
  readonly message: string;
  /** The same in the few words that a warning bears; where there is none, the message is cut. */
  readonly brief?: string;
  /** What else it is about, where one field can break a rule in several ways: another object, a revision. */
  readonly about?: string;
  /** Present when this problem never denies, whatever the rule's level. `info`: nothing is wrong so far. */
  readonly atMost?: 'warn' | 'info';
};

export type Violation = Omit<Problem, 'atMost' | 'about'> & {
  readonly rule: string;
  readonly level: Exclude<Level, 'off'>;
};

/** The answer to an admission request. `violations` holds every broken rule, warnings as well as denials. */
export type Verdict =
  | {
      readonly allowed: true;
      /** Empty when nothing is to be changed. */
      readonly patch: readonly JsonPatchOperation[];
      readonly violations: readonly Violation[];
    }
  | { readonly allowed: false; readonly violations: readonly Violation[] };

export const ALLOWED: Verdict = { allowed: true, patch: [], violations: [] };

/** Denied as soon as one violation denies; else allowed, with what there is to warn of. */
export function verdictOf(violations: readonly Violation[]): Verdict {
  if (violations.some(({ level }) => level === 'deny')) return { allowed: false, violations };
  return violations.length === 0 ? ALLOWED : { allowed: true, patch: [], violations };
}

/** A verdict that denies for one reason. */
export function denied(rule: string, problem: Problem): Verdict {
  return { allowed: false, violations: [{ rule, level: 'deny', ...problem }] };
}
