import type { Severity } from '../core/severity.ts';
import { type Finding, sentenceOf, type Subject } from '../core/audit/finding.ts';
import type { AuditReport } from '../core/audit/report.ts';

/** `wgpolicyk8s.io/v1alpha2` and its successor `openreports.io/v1alpha1`, which has the same results. */
export type ReportApi = 'wgpolicy' | 'openreports';

const APIS = {
  wgpolicy: { apiVersion: 'wgpolicyk8s.io/v1alpha2', kind: 'PolicyReport' },
  openreports: { apiVersion: 'openreports.io/v1alpha1', kind: 'Report' },
} as const;
const SEVERITIES: Readonly<Record<Severity, string>> = { error: 'high', warning: 'medium', info: 'info' };
const RESULTS: Readonly<Record<Severity, string>> = { error: 'fail', warning: 'warn', info: 'warn' };

/**
 * One report for each object with findings, in the object's namespace. Owned by the object where it is stored, so
 * that it goes with it.
 *
 * @param now milliseconds since the epoch.
 */
export function policyReports(
  { findings, suppressed }: AuditReport,
  api: ReportApi,
  now: number,
): readonly object[] {
  const subjects = Map.groupBy([...findings, ...suppressed], ({ subject: { namespace, kind, name } }) =>
    [namespace, kind, name].join('/'),
  );
  return [...subjects.values()].flatMap((group) => {
    const [first] = group;
    return first ? [reportOf(first.subject, group, { api, now })] : [];
  });
}

function reportOf(
  subject: Subject,
  findings: readonly Finding[],
  { api, now }: { readonly api: ReportApi; readonly now: number },
): object {
  const { apiVersion, kind, namespace, name, uid } = subject;
  const scope = { apiVersion, kind, namespace, name, ...(uid !== undefined && { uid }) };
  const results = findings.map((finding) => resultOf(finding, now));
  return {
    ...APIS[api],
    metadata: {
      name: reportName(subject),
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'everynode' },
      ...(uid !== undefined && { ownerReferences: [{ apiVersion, kind, name, uid }] }),
    },
    ...(api === 'openreports' && { source: 'everynode' }),
    scope,
    summary: summaryOf(results.map(({ result }) => result)),
    results,
  };
}

/** By the uid, which always fits in a name; an object from a file has none. */
function reportName({ kind, name, uid }: Subject): string {
  return `everynode-${uid ?? `${kind.toLowerCase()}-${name}`}`;
}

type Result = { readonly result: string; readonly [field: string]: unknown };

function resultOf(finding: Finding, now: number): Result {
  const { rule, severity, path, suppressed, fingerprint } = finding;
  return {
    source: 'everynode',
    policy: rule,
    rule,
    category: 'DaemonSet',
    severity: SEVERITIES[severity],
    result: suppressed ? 'skip' : RESULTS[severity],
    message: sentenceOf(finding),
    scored: true,
    timestamp: { seconds: Math.floor(now / 1000), nanos: 0 },
    properties: { path, fingerprint, ...(suppressed && { suppressed: suppressed.reason }) },
  };
}

function summaryOf(results: readonly string[]): object {
  const count = (wanted: string): number => results.filter((result) => result === wanted).length;
  return { pass: 0, fail: count('fail'), warn: count('warn'), error: 0, skip: count('skip') };
}
