import { counted } from './admission/list-names.ts';

/**
 * How bad a finding is. `error`: broken now, or cannot heal. `warning`: works, and will hurt on a bad day. `info`:
 * worth knowing.
 */
export type Severity = 'error' | 'warning' | 'info';

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** The least severity that makes a command fail. `never` is for those who read what is found and need no exit code. */
export type FailOn = Severity | 'never';

export const FAIL_ON: readonly FailOn[] = [...SEVERITIES, 'never'];

/** How many there are of each severity. */
export function countBySeverity(
  findings: readonly { readonly severity: Severity }[],
): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}

/** `1 error`, `2 warnings`, `3 info`. */
export function countedSeverity(count: number, severity: Severity): string {
  return severity === 'info' ? `${count} info` : counted(count, severity);
}

/** Whether a finding is at least this bad. */
export function anyAtLeast(findings: readonly { readonly severity: Severity }[], least: FailOn): boolean {
  if (least === 'never') return false;
  const failing = SEVERITIES.slice(0, SEVERITIES.indexOf(least) + 1);
  return findings.some(({ severity }) => failing.includes(severity));
}
