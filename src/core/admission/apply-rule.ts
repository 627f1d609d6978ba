import type { RuleLevels } from './settings.ts';
import type { Level, Problem, Violation } from './verdict.ts';

/** What a rule finds, at the level that is configured or its own; nothing, unasked, where it is off. */
export function applyRule(
  { id, level: own }: { readonly id: string; readonly level: Level },
  levels: RuleLevels,
  check: () => readonly Problem[],
): readonly Violation[] {
  const level = Object.hasOwn(levels, id) ? (levels[id] ?? own) : own;
  if (level === 'off') return [];
  return check().map(({ path, message, brief, atMost }) => ({
    rule: id,
    level: atMost === undefined ? level : 'warn',
    path,
    message,
    ...(brief !== undefined && { brief }),
  }));
}
