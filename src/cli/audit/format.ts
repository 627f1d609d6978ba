import { stringify } from 'yaml';
import { counted } from '../../core/admission/list-names.ts';
import { countBySeverity, countedSeverity, SEVERITIES } from '../../core/severity.ts';
import { type Finding, nameOf, sentenceOf } from '../../core/audit/finding.ts';
import type { AuditReport } from '../../core/audit/report.ts';
import { html } from '../../report/html.ts';
import { junit } from '../../report/junit.ts';
import { policyReports } from '../../report/policy-report.ts';
import { sarif } from '../../report/sarif.ts';
import { alignColumns, type Paint, painter, SEVERITY_STYLES } from '../columns.ts';
import type { FindingFlags } from './options.ts';

export type FormatContext = {
  /** A server's address, or what files were read. */
  readonly source: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly colours: boolean;
};

/** The report as it is printed, with a line break at its end. */
export function formatFindings(
  report: AuditReport,
  output: FindingFlags['output'],
  context: FormatContext,
): string {
  const { version, now } = context;
  switch (output) {
    case 'table':
    case 'wide':
      return formatTable(report, output === 'wide', painter(context.colours));
    case 'json':
      return json(report);
    case 'yaml':
      return stringify(report, { version: '1.1', lineWidth: 110, aliasDuplicateObjects: false });
    case 'sarif':
      return json(sarif(report, version));
    case 'junit':
      return junit(report);
    case 'html':
      return html(report, context);
    case 'policyreport':
      return reportList(policyReports(report, 'wgpolicy', now));
    case 'openreports':
      return reportList(policyReports(report, 'openreports', now));
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** For `kubectl apply -f -`. */
function reportList(items: readonly object[]): string {
  return json({ apiVersion: 'v1', kind: 'List', items });
}

function formatTable(report: AuditReport, isWide: boolean, paint: Paint): string {
  const { findings } = report;
  const heads = ['SEVERITY', 'RULE', 'OBJECT', 'FIELD', ...(isWide ? ['FINDING'] : [])];
  const rows = findings.map((finding) => [
    paint(SEVERITY_STYLES[finding.severity], finding.severity),
    finding.rule,
    whereOf(finding),
    finding.path,
    ...(isWide ? [finding.message] : []),
  ]);
  if (isWide) {
    const table = rows.length === 0 ? [] : [...alignColumns([heads, ...rows]), ''];
    return lines([...table, ...footer(report, paint)]);
  }
  const table = findings.flatMap((finding, at) => [
    rows[at]?.slice(0, 3).join('  ') ?? '',
    `    ${sentenceOf(finding)}`,
  ]);
  return lines([...table, ...(table.length > 0 ? [''] : []), ...footer(report, paint)]);
}

function whereOf({ location, subject }: Finding): string {
  if (!location) return nameOf(subject);
  const place = `${location.file}:${location.line}:${location.column}`;
  // What is no object has no other name than its place.
  return subject.apiVersion === '' ? place : `${place} ${nameOf(subject)}`;
}

function footer(
  { findings, suppressed, known, notRead, judged }: AuditReport,
  paint: Paint,
): readonly string[] {
  const counts = countBySeverity(findings);
  const found = SEVERITIES.map((severity) => countedSeverity(counts[severity], severity)).join(', ');
  const aside = [
    ...(suppressed.length > 0 ? [`${suppressed.length} accepted`] : []),
    ...(known > 0 ? [`${known} in the baseline`] : []),
  ];
  const looked = Object.entries(judged).map(([kind, count]) => counted(count, kind));
  return [
    `${[found, ...aside].join('; ')}. Looked at ${looked.join(', ') || 'nothing'}.`,
    ...[...Map.groupBy(notRead, ({ why }) => why)].map(([why, same]) => {
      return `${paint('yellow', 'not read')}: ${same.map(({ what }) => what).join(', ')} (${why})`;
    }),
  ];
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
