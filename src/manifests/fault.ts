/** A place in a source, both counted from 1, as editors show them. */
export type Position = { readonly line: number; readonly column: number };

/** Why a document cannot be used as it is. */
export type Fault = Position & {
  /** A sentence without a full stop: what is wrong, and what to do. */
  readonly message: string;
};

export const START: Position = { line: 1, column: 1 };
