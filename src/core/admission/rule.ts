import type { Level, Problem } from './verdict.ts';

/** A DaemonSet that is about to be stored. Both objects are JSON of any shape. */
export type DaemonSetChange = {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly object: unknown;
  /** The stored DaemonSet that an UPDATE replaces. */
  readonly oldObject: unknown;
};

/**
 * One rule on DaemonSets. `check` returns every field that breaks it. It never throws and has no opinion on
 * what is malformed.
 */
export type DaemonSetRule = {
  readonly id: string;
  /** The level where the configuration names none. */
  readonly level: Level;
  readonly check: (change: DaemonSetChange) => readonly Problem[];
};
