import { catalogue } from '../core/audit/catalogue.ts';
import type { Severity } from '../core/severity.ts';
import { type Finding, sentenceOf, type Subject } from '../core/audit/finding.ts';
import type { AuditReport } from '../core/audit/report.ts';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** SARIF 2.1.0, as code scanning takes it. Accepted findings are there, marked as suppressed, and what was not read. */
export function sarif({ findings, suppressed, notRead }: AuditReport, version: string): object {
  const results = [...findings, ...suppressed];
  const ids = [...new Set(results.map(({ rule }) => rule))].toSorted(compare);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'everynode', semanticVersion: version, rules: ids.map(ruleOf) } },
        invocations: [
          {
            executionSuccessful: notRead.length === 0,
            toolExecutionNotifications: notRead.map(({ what, why }) => ({
              level: 'error',
              message: { text: `not read: ${what} (${why})` },
            })),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: results.map((finding) => resultOf(finding, ids.indexOf(finding.rule))),
      },
    ],
  };
}

function ruleOf(id: string): object {
  const { severity = 'warning', title = id, rationale = '', example = '' } = catalogue[id] ?? {};
  return {
    id,
    shortDescription: { text: `Checks that ${title}.` },
    fullDescription: { text: rationale },
    help: { text: `${rationale}\n\nWhat breaks it:\n${example}` },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function resultOf(finding: Finding, ruleIndex: number): object {
  const { rule, severity, suppressed } = finding;
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: sentenceOf(finding) },
    locations: [locationOf(finding)],
    partialFingerprints: { 'everynode/v1': finding.fingerprint },
    ...(suppressed && { suppressions: [{ kind: 'external', justification: suppressed.reason }] }),
  };
}

function locationOf({ subject, path, location }: Finding): object {
  return {
    ...(location && {
      physicalLocation: {
        artifactLocation: { uri: uriOf(location.file) },
        region: { startLine: location.line, startColumn: location.column },
      },
    }),
    logicalLocations: [{ fullyQualifiedName: qualifiedName(subject, path), kind: 'resource' }],
  };
}

function qualifiedName({ namespace, kind, name }: Subject, path: string): string {
  return [namespace, kind, name, path].filter((part) => part !== '').join('/');
}

/** Relative to where the command ran, which code scanning takes for the root of the repository; else `file:`. */
function uriOf(file: string): string {
  const path = file.toWellFormed().replace(/^(?:\.\/+)+/, '');
  const uri = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${uri}` : uri;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}
