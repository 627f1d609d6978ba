import type { Level } from '../verdict.ts';

/** A named sub-expression; evaluated when first used, and at most once for a request. */
export type Variable = { readonly name: string; readonly expression: string };

/**
 * One rule in CEL, which the API server applies itself while no webhook answers. The objects are the stored
 * form: defaults are set, types are right, and the API server's own validation has passed.
 */
export type Floor = {
  /** The rule itself: its id and its level where the configuration names none. */
  readonly rule: { readonly id: string; readonly level: Level };
  readonly on: 'daemonsets' | 'pods';
  /** When it is asked. */
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  readonly variables: readonly Variable[];
  /** True where the rule is kept. */
  readonly expression: string;
  /** The field that the rule is about. */
  readonly path: string;
  /** A CEL string that reads on from the path, as the messages of the rule do. */
  readonly messageExpression: string;
  /** What is said where `messageExpression` yields what the API server does not take, such as a line break. */
  readonly message: string;
};

/** Text as a CEL string literal. */
export function celString(text: string): string {
  // JSON's escapes are among those of CEL.
  return JSON.stringify(text);
}
