import { createHash } from 'node:crypto';
import { countBySeverity, type Severity } from '../severity.ts';
import type { AuditReport } from './report.ts';

/** What there is to know of findings without having them. */
export type Judged = {
  /** Another one whenever anything that the findings say is another. */
  readonly version: string;
  /** Findings that count, of whatever kind of object. */
  readonly findings: Readonly<Record<Severity, number>>;
};

/** @param of the names of what was judged, some of which may be without findings. */
export function judgedOf(
  { findings, suppressed }: Pick<AuditReport, 'findings' | 'suppressed'>,
  of: readonly string[],
): Judged {
  // Whole findings: a fingerprint stays the same when the message, or its acceptance, becomes another.
  const said = JSON.stringify([findings, suppressed, of]);
  const version = createHash('sha256').update(said).digest('base64url').slice(0, 16);
  return { version, findings: countBySeverity(findings) };
}
