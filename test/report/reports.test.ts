import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/audit/finding.ts';
import { escapeXml } from '../../src/report/escape.ts';
import { html } from '../../src/report/html.ts';
import { junit } from '../../src/report/junit.ts';
import { policyReports } from '../../src/report/policy-report.ts';
import { sarif } from '../../src/report/sarif.ts';
import { NOW } from '../builders/clock.ts';
import { HOSTILE, report, someFindings } from './reports.ts';

const CONTEXT = { source: 'https://127.0.0.1:6443', version: '1.2.3', now: NOW };

/** Opening and closing tags in order, each closed by its own: what every XML reader checks first. */
function isWellFormed(text: string): boolean {
  const open: string[] = [];
  for (const piece of text
    .replace(/^<\?xml[^>]*\?>/, '')
    .split('<')
    .slice(1)) {
    const [, end, name = '', empty, content = ''] =
      /^(\/?)([a-z]+)(?: [\w-]+="[^"<>]*")*(\/?)>([^>]*)$/.exec(piece) ?? [];
    if (name === '' || /&(?!(?:amp|lt|gt|quot|#39);)/.test(content)) return false;
    if (end) {
      if (open.pop() !== name) return false;
    } else if (!empty) open.push(name);
  }
  return open.length === 0;
}

describe('sarif', () => {
  type Run = {
    runs: [
      {
        tool: { driver: { rules: { id: string }[]; semanticVersion: string } };
        results: {
          ruleId: string;
          ruleIndex: number;
          level: string;
          suppressions?: unknown;
          partialFingerprints: object;
          locations: [{ physicalLocation?: { artifactLocation: { uri: string }; region: object } }];
        }[];
      },
    ];
  };
  const [run] = (sarif(report(), '1.2.3') as Run).runs;

  it('describes each rule once, and points to it', () => {
    const { rules } = run.tool.driver;
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { ruleId, ruleIndex } of run.results) expect(rules[ruleIndex]?.id).toBe(ruleId);
    expect(run.tool.driver.semanticVersion).toBe('1.2.3');
  });

  it('says where in the file, and by what the finding is known again', () => {
    for (const { locations, partialFingerprints } of run.results) {
      expect(locations[0].physicalLocation).toEqual({
        artifactLocation: { uri: 'manifests/my%20agent.yaml' },
        region: { startLine: 7, startColumn: 3 },
      });
      expect(partialFingerprints).toEqual({ 'everynode/v1': expect.stringMatching(/^[0-9a-f]{32}$/) });
    }
  });

  it('marks what is accepted', () => {
    const suppressed = run.results.filter(({ suppressions }) => suppressions);
    expect(suppressed.map(({ ruleId, suppressions }) => [ruleId, suppressions])).toEqual([
      ['resources', [{ kind: 'external', justification: 'measured first' }]],
    ]);
  });

  it.each([
    ['agent.yaml', 'agent.yaml'],
    ['./manifests/agent.yaml', 'manifests/agent.yaml'],
    ['../agent.yaml', '../agent.yaml'],
    ['/tmp/agent.yaml', 'file:///tmp/agent.yaml'],
    ['a:b/50% #1?.yaml', 'a%3Ab/50%25%20%231%3F.yaml'],
    ['\ud83d.yaml', '%EF%BF%BD.yaml'],
  ])('names the file %j by a URI', (file, uri) => {
    const findings = someFindings().map((finding) => ({
      ...finding,
      location: { file, line: 1, column: 1 },
    }));
    const [{ results }] = (sarif(report(findings), '1') as Run).runs;
    expect(results[0]?.locations[0].physicalLocation?.artifactLocation).toEqual({ uri });
  });

  it('says what was not read', () => {
    const [{ invocations }] = (sarif(report(), '1') as { runs: [{ invocations: unknown }] }).runs;
    expect(invocations).toEqual([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [{ level: 'error', message: { text: 'not read: pods (forbidden)' } }],
      },
    ]);
  });

  it('leaves out the file where there is none', () => {
    const findings = someFindings().map((finding) => withoutLocation(finding));
    const [{ results }] = (sarif(report(findings), '1') as Run).runs;
    for (const { locations } of results) expect(locations[0]).not.toHaveProperty('physicalLocation');
  });
});

function withoutLocation(finding: Finding): Finding {
  const { location, ...rest } = finding;
  expect(location).toBeDefined();
  return rest;
}

describe('junit', () => {
  it('has a failure for each finding, and skips what is accepted', () => {
    const text = junit(report());
    expect(text).toContain('<testsuites name="everynode" tests="4" failures="2" errors="1">');
    expect(text).toContain(
      '<testsuite name="DaemonSet default/agent" tests="3" failures="2" errors="0" skipped="1">',
    );
    expect(text).toContain('<error type="not read" message="forbidden">forbidden</error>');
    expect(text).toContain('<skipped>measured first</skipped>');
    expect(text).toContain('manifests/my agent.yaml:7:3');
    expect(isWellFormed(text)).toBe(true);
  });

  it('has a case that passes where nothing was found', () => {
    const text = junit({ ...report([]), notRead: [] });
    expect(text).toContain('<testcase name="no findings"');
    expect(isWellFormed(text)).toBe(true);
  });

  it('is well-formed whatever the names', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(HOSTILE)), (name) => {
        expect(isWellFormed(junit(report(someFindings(name))))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('html', () => {
  it('is one page that asks for nothing, and shows what was found and what was not read', () => {
    const text = html(report(), CONTEXT);
    expect(text).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|<link|\bsrc=|url\(/);
    expect(text).toContain('restart-policy');
    expect(text).toContain('Accepted: measured first');
    expect(text).toContain('<code>pods</code>: forbidden');
  });

  it('says so where nothing was found', () => {
    expect(html(report([]), CONTEXT)).toContain('Nothing was found.');
  });

  it('escapes hostile names', () => {
    const text = html(report(someFindings(HOSTILE)), { ...CONTEXT, source: HOSTILE });
    expect(text).not.toMatch(/<img|<\/script|onerror="/);
    expect(text).toContain('&lt;/script&gt;');
  });
});

describe('policyReports', () => {
  type Report = {
    apiVersion: string;
    kind: string;
    source?: string;
    metadata: { name: string; namespace: string; ownerReferences?: object[] };
    summary: object;
    results: { result: string; severity: string }[];
  };

  it.each([
    ['wgpolicy', 'wgpolicyk8s.io/v1alpha2', 'PolicyReport'],
    ['openreports', 'openreports.io/v1alpha1', 'Report'],
  ] as const)('writes %s', (api, apiVersion, kind) => {
    const [made, ...others] = policyReports(report(), api, NOW) as Report[];
    expect(others).toEqual([]);
    expect(made).toMatchObject({
      apiVersion,
      kind,
      summary: { fail: 1, warn: 1, skip: 1, pass: 0, error: 0 },
    });
    expect(made?.metadata).toMatchObject({ name: 'everynode-uid-demo', namespace: 'default' });
    expect(made?.metadata.ownerReferences).toEqual([
      { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'uid-demo' },
    ]);
    expect(made?.results.map(({ result, severity }) => [result, severity])).toEqual([
      ['fail', 'high'],
      ['warn', 'medium'],
      ['skip', 'medium'],
    ]);
  });
});

it('escapeXml leaves nothing that means something', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeXml(text)).not.toMatch(/[<>"']/);
    }),
  );
});
