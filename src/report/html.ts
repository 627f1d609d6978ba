import { catalogue } from '../core/audit/catalogue.ts';
import { countBySeverity, SEVERITIES, type Severity } from '../core/severity.ts';
import { type Finding, nameOf } from '../core/audit/finding.ts';
import type { AuditReport } from '../core/audit/report.ts';
import { counted } from '../core/admission/list-names.ts';
import { formatTime } from '../core/format-time.ts';
import { escapeXml } from './escape.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; --error: #b42318; --warning: #8a5a00; --info: #175cd3; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23; --error: #ff8a80; --warning: #e3b341; --info: #79b8ff; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; table-layout: fixed; width: 100%; margin: .5rem 0 1.5rem; }
th:nth-child(1) { width: 5rem; } th:nth-child(2) { width: 13rem; } th:nth-child(3) { width: 30%; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; }
th { background: var(--soft); }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
.error { color: var(--error); } .warning { color: var(--warning); } .info { color: var(--info); }
.severity { font-weight: 600; white-space: nowrap; }
.totals { display: flex; gap: 2rem; padding: 0; list-style: none; } .totals b { font-size: 1.6rem; display: block; }
details { margin-bottom: 1rem; } summary { cursor: pointer; font-weight: 600; }
pre { background: var(--soft); padding: .6rem; overflow-x: auto; }
`;

export type HtmlContext = {
  /** What was looked at: a server's address, or a folder. */
  readonly source: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** One page that needs nothing but itself: no script, no font, no image from elsewhere. */
export function html(report: AuditReport, { source, version, now }: HtmlContext): string {
  const { findings, suppressed, known, notRead, judged } = report;
  const counts = countBySeverity(findings);
  const looked = Object.entries(judged)
    .map(([kind, count]) => counted(count, kind))
    .join(', ');
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>everynode audit: ${escapeXml(source)}</title><style>${STYLE}</style></head><body>`,
    `<h1>DaemonSet audit</h1><p>${escapeXml(source)}, ${formatTime(now)}, everynode ${escapeXml(version)}. Looked at: ${escapeXml(looked)}.</p>`,
    `<ul class="totals">${SEVERITIES.map((severity) => total(severity, counts[severity])).join('')}</ul>`,
    ...(known > 0 ? [`<p>${known} more stand in the baseline.</p>`] : []),
    ...(notRead.length > 0
      ? [
          `<h2>Not read</h2><ul>${notRead.map(({ what, why }) => `<li><code>${escapeXml(what)}</code>: ${escapeXml(why)}</li>`).join('')}</ul>`,
        ]
      : []),
    ...(findings.length === 0
      ? ['<p>Nothing was found.</p>']
      : ['<h2>Findings</h2>', ...bySubject(findings)]),
    ...(suppressed.length === 0 ? [] : ['<h2>Accepted</h2>', ...bySubject(suppressed)]),
    ...rulesOf([...findings, ...suppressed]),
    '</body></html>',
    '',
  ].join('\n');
}

function total(severity: Severity, count: number): string {
  return `<li class="${severity}"><b>${count}</b>${severity === 'info' || count === 1 ? severity : `${severity}s`}</li>`;
}

function bySubject(findings: readonly Finding[]): readonly string[] {
  const groups = Map.groupBy(findings, ({ subject }) => nameOf(subject));
  return [...groups].map(
    ([name, group]) =>
      `<h3>${escapeXml(name)}</h3><table><thead><tr><th scope="col">Severity</th><th scope="col">Rule</th><th scope="col">Field</th><th scope="col">What, and what to do</th></tr></thead><tbody>${group.map(row).join('')}</tbody></table>`,
  );
}

function row({ severity, rule, path, message, suppressed, location }: Finding): string {
  const place = location ? `${location.file}:${location.line}:${location.column}` : '';
  const where = [path, place].filter((text) => text !== '').map((text) => `<code>${escapeXml(text)}</code>`);
  const accepted = suppressed ? `<br>Accepted: ${escapeXml(suppressed.reason)}` : '';
  return `<tr><td class="severity ${severity}">${severity}</td><td><a href="#${escapeXml(rule)}">${escapeXml(rule)}</a></td><td>${where.join('<br>')}</td><td>${escapeXml(message)}${accepted}</td></tr>`;
}

function rulesOf(findings: readonly Finding[]): readonly string[] {
  const ids = [...new Set(findings.map(({ rule }) => rule))].toSorted((a, b) => (a < b ? -1 : 1));
  if (ids.length === 0) return [];
  return [
    '<h2>Rules</h2>',
    ...ids.map((id) => {
      const { title = '', rationale = '', example = '' } = catalogue[id] ?? {};
      return `<details id="${escapeXml(id)}"><summary>${escapeXml(id)}: ${escapeXml(title)}</summary><p>${escapeXml(rationale)}</p><pre>${escapeXml(example)}</pre></details>`;
    }),
  ];
}
