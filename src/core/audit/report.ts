import { SEVERITIES } from '../severity.ts';
import type { Finding } from './finding.ts';

/** What was looked at and what was found; every format is made of this. */
export type AuditReport = {
  /** Objects of each kind that were judged. */
  readonly judged: Readonly<Record<string, number>>;
  /** Those that count, worst first. */
  readonly findings: readonly Finding[];
  /** Accepted by an annotation. */
  readonly suppressed: readonly Finding[];
  /** How many stand in the baseline and were left out. */
  readonly known: number;
  /** What could not be read, with the reason; then the rest is no whole picture. */
  readonly notRead: readonly { readonly what: string; readonly why: string }[];
};

export type Outcome = Omit<AuditReport, 'findings' | 'suppressed' | 'known'>;

/**
 * Sorts findings into those that count, accepted ones, and those of an earlier run.
 *
 * @param baseline fingerprints that are known.
 */
export function reportOf(
  all: readonly Finding[],
  outcome: Outcome,
  baseline: ReadonlySet<string> = new Set(),
): AuditReport {
  const suppressed = all.filter((finding) => finding.suppressed);
  const counted = all.filter((finding) => !finding.suppressed);
  const fresh = counted.filter((finding) => !baseline.has(finding.fingerprint));
  return {
    ...outcome,
    findings: fresh.toSorted(byWeight),
    suppressed: suppressed.toSorted(byWeight),
    known: counted.length - fresh.length,
  };
}

/** Worst first, then by object, rule and place: the same order in every run. */
function byWeight(a: Finding, b: Finding): number {
  const weight = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  return weight || compare(sortKey(a), sortKey(b));
}

function sortKey({ subject: { namespace, kind, name }, rule, path, location }: Finding): string {
  const line = String(location?.line ?? 0).padStart(9, '0');
  return [location?.file ?? '', line, namespace, kind, name, rule, path].join('\u0000');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
