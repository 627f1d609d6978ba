import { type Finding, nameOf, sentenceOf } from '../core/audit/finding.ts';
import type { AuditReport } from '../core/audit/report.ts';
import { escapeXml } from './escape.ts';

/**
 * JUnit XML: a suite for each object, a case for each rule that it breaks, and one that passes for a run without
 * findings, which some readers need. Accepted findings are skipped cases; what was not read is a case with an error.
 */
export function junit({ findings, suppressed, notRead }: AuditReport): string {
  const suites = Map.groupBy([...findings, ...suppressed], ({ subject }) => nameOf(subject));
  const failures = findings.length;
  const errors = notRead.length;
  const tests = failures + suppressed.length + errors;
  const body =
    tests === 0
      ? [
          '  <testsuite name="everynode" tests="1" failures="0" errors="0" skipped="0">',
          '    <testcase name="no findings" classname="everynode" time="0"/>',
          '  </testsuite>',
        ]
      : [...suites].flatMap(([name, cases]) => suiteOf(name, cases)).concat(suiteOfNotRead(notRead));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="everynode" tests="${Math.max(tests, 1)}" failures="${failures}" errors="${errors}">`,
    ...body,
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteOf(name: string, cases: readonly Finding[]): readonly string[] {
  const skipped = cases.filter(({ suppressed }) => suppressed).length;
  const counts = `tests="${cases.length}" failures="${cases.length - skipped}" errors="0" skipped="${skipped}"`;
  return [
    `  <testsuite name="${escapeXml(name)}" ${counts}>`,
    ...cases.flatMap((finding) => caseOf(name, finding)),
    '  </testsuite>',
  ];
}

function suiteOfNotRead(notRead: AuditReport['notRead']): readonly string[] {
  if (notRead.length === 0) return [];
  const counts = `tests="${notRead.length}" failures="0" errors="${notRead.length}" skipped="0"`;
  return [
    `  <testsuite name="not read" ${counts}>`,
    ...notRead.flatMap(({ what, why }) => [
      `    <testcase name="${escapeXml(what)}" classname="not read" time="0">`,
      `      <error type="not read" message="${escapeXml(why)}">${escapeXml(why)}</error>`,
      '    </testcase>',
    ]),
    '  </testsuite>',
  ];
}

function caseOf(suite: string, finding: Finding): readonly string[] {
  const { rule, path, severity, suppressed, location } = finding;
  const where = location ? `${location.file}:${location.line}:${location.column} ` : '';
  const sentence = sentenceOf(finding);
  // The schema knows no attribute of skipped; readers take the text as well.
  const result = suppressed
    ? `<skipped>${escapeXml(suppressed.reason)}</skipped>`
    : `<failure type="${severity}" message="${escapeXml(sentence)}">${escapeXml(where + sentence)}</failure>`;
  return [
    `    <testcase name="${escapeXml(`${rule} ${path}`.trimEnd())}" classname="${escapeXml(suite)}" time="0">`,
    `      ${result}`,
    '    </testcase>',
  ];
}
