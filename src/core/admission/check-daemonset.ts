import type { DaemonSetChange, DaemonSetRule } from './rule.ts';
import { daemonSetRules } from './rules/index.ts';
import { readField } from './untrusted.ts';
import type { Level, Violation } from './verdict.ts';

/** Levels by rule id, where they differ from the rule's own. */
export type RuleLevels = Readonly<Record<string, Level>>;

/**
 * Every violation of every rule that is not off. A DaemonSet that is being deleted is never judged: its
 * finalizers must come off whatever else is wrong with it.
 */
export function checkDaemonSet(
  change: DaemonSetChange,
  levels: RuleLevels = {},
  rules: readonly DaemonSetRule[] = daemonSetRules,
): readonly Violation[] {
  if (isBeingDeleted(change)) return [];
  return rules.flatMap((rule) => {
    const level = Object.hasOwn(levels, rule.id) ? (levels[rule.id] ?? rule.level) : rule.level;
    if (level === 'off') return [];
    return rule.check(change).map((problem) => ({ rule: rule.id, level, ...problem }));
  });
}

function isBeingDeleted({ operation, object, oldObject }: DaemonSetChange): boolean {
  if (operation !== 'UPDATE') return false;
  // The client may write anything into the new object; the stored one tells the truth.
  return typeof readField(oldObject ?? object, 'metadata', 'deletionTimestamp') === 'string';
}
