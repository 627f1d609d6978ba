import { stringify } from 'yaml';
import { counted } from '../../core/admission/list-names.ts';
import type { NotRead } from '../../core/doctor/evidence.ts';
import { type Finding, nameOf } from '../../core/doctor/finding.ts';
import { countBySeverity, countedSeverity, SEVERITIES } from '../../core/severity.ts';
import { alignColumns, type Paint, painter, SEVERITY_STYLES } from '../columns.ts';
import { notReadLines } from '../output.ts';
import type { DoctorFlags } from './options.ts';

/** The shape of `doctor -o json` and `-o yaml`. */
export type Report = {
  readonly server: string;
  /** How many were looked at. */
  readonly webhooks: number;
  readonly agents: number;
  readonly findings: readonly Finding[];
  readonly notRead: readonly NotRead[];
};

/** The report as it is printed, with a line break at its end. */
export function formatReport(report: Report, output: DoctorFlags['output'], colours: boolean): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`;
    case 'yaml':
      return stringify(report, { version: '1.1', lineWidth: 110 });
    case 'table':
    case 'wide':
      return formatTable(report, output === 'wide', painter(colours));
  }
}

function formatTable({ findings, notRead, webhooks, agents }: Report, isWide: boolean, paint: Paint): string {
  const heads = [
    'SEVERITY',
    'CHECK',
    'OBJECT',
    ...(isWide ? ['FIELD'] : []),
    'FINDING',
    ...(isWide ? ['REMEDY'] : []),
  ];
  const rows = findings.map((finding) => [
    paint(SEVERITY_STYLES[finding.severity], finding.severity),
    finding.check,
    nameOf(finding.object),
    ...(isWide ? [finding.path || '-'] : []),
    finding.explanation,
    ...(isWide ? [finding.remedy] : []),
  ]);
  const table = findings.length === 0 ? [] : [...alignColumns([heads, ...rows]), ''];
  const found = countBySeverity(findings);
  const counts = SEVERITIES.map((severity) => countedSeverity(found[severity], severity));
  const looked = `looked at ${counted(webhooks, 'webhook')} and ${counted(agents, 'node agent')}: ${counts.join(', ')}`;
  const hint = findings.length > 0 && !isWide ? ' (-o wide says what to do)' : '';
  return `${[...table, looked + hint, ...notReadLines(notRead, paint)].join('\n')}\n`;
}
