/**
 * How bad a finding is. `error`: broken now, or cannot heal. `warning`: works, and will hurt on a bad day. `info`:
 * worth knowing.
 */
export type Severity = 'error' | 'warning' | 'info';

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** Whether a finding is at least this bad. */
export function anyAtLeast(findings: readonly { readonly severity: Severity }[], least: Severity): boolean {
  const failing = SEVERITIES.slice(0, SEVERITIES.indexOf(least) + 1);
  return findings.some(({ severity }) => failing.includes(severity));
}
