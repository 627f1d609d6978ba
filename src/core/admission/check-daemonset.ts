import { applyRule } from './apply-rule.ts';
import type { DaemonSetChange, DaemonSetRule, Operation } from './rule.ts';
import { practices } from './practices/index.ts';
import { daemonSetRules } from './rules/index.ts';
import type { RuleLevels } from './settings.ts';
import { readField } from './untrusted.ts';
import type { Violation } from './verdict.ts';

const allRules: readonly DaemonSetRule[] = [...daemonSetRules, ...practices];
const STORING: readonly Operation[] = ['CREATE', 'UPDATE'];

/**
 * Every violation of every rule that is not off. A DaemonSet that is being deleted is never judged: its
 * finalizers must come off whatever else is wrong with it.
 */
export function checkDaemonSet(
  change: DaemonSetChange,
  levels: RuleLevels = {},
  rules: readonly DaemonSetRule[] = allRules,
): readonly Violation[] {
  if (isBeingDeleted(change)) return [];
  return rules.flatMap((rule) =>
    (rule.operations ?? STORING).includes(change.operation)
      ? applyRule(rule, levels, () => rule.check(change))
      : [],
  );
}

function isBeingDeleted({ operation, object, oldObject }: DaemonSetChange): boolean {
  if (operation === 'CREATE') return false;
  // The client may write anything into the new object; the stored one tells the truth.
  return typeof readField(oldObject ?? object, 'metadata', 'deletionTimestamp') === 'string';
}
