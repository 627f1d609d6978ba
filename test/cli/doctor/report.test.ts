import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatReport, type Report } from '../../../src/cli/doctor/report.ts';

const report: Report = {
  server: 'https://cluster',
  webhooks: 3,
  agents: 2,
  findings: [
    {
      severity: 'error',
      check: 'deadlock',
      object: { kind: 'ValidatingWebhookConfiguration', name: 'engine' },
      path: 'webhooks[0].namespaceSelector',
      explanation: 'it waits for itself',
      remedy: 'exempt it',
    },
    {
      severity: 'info',
      check: 'agent-blocked',
      object: { kind: 'DaemonSet', namespace: 'default', name: 'agent' },
      path: '',
      explanation: 'it may wait',
      remedy: 'exempt it too',
    },
  ],
  notRead: [{ what: 'services of policy', why: 'services is forbidden' }],
};

describe('the report', () => {
  it('is a table with a line for each finding, and what was looked at', () => {
    expect(formatReport(report, 'table', false).split('\n')).toEqual([
      'SEVERITY  CHECK          OBJECT                                 FINDING',
      'error     deadlock       ValidatingWebhookConfiguration/engine  it waits for itself',
      'info      agent-blocked  DaemonSet/default/agent                it may wait',
      '',
      'looked at 3 webhooks and 2 node agents: 1 error, 0 warnings, 1 info (-o wide says what to do)',
      'not looked at: services of policy: services is forbidden',
      '',
    ]);
  });

  it('is wider with field and remedy', () => {
    const [head, first, second] = formatReport(report, 'wide', false).split('\n');
    expect(head).toMatch(/^SEVERITY +CHECK +OBJECT +FIELD +FINDING +REMEDY$/);
    expect(first).toMatch(/webhooks\[0\]\.namespaceSelector +it waits for itself +exempt it$/);
    expect(second).toMatch(/ - +it may wait +exempt it too$/);
  });

  it('has colours where they are asked for, and the columns stand all the same', () => {
    const coloured = formatReport(report, 'table', true);
    expect(coloured).toContain('\u001B[31merror');
    expect(stripVTControlCharacters(coloured)).toBe(formatReport(report, 'table', false));
  });

  it('says so when nothing was found', () => {
    expect(formatReport({ ...report, findings: [], notRead: [] }, 'table', false)).toBe(
      'looked at 3 webhooks and 2 node agents: 0 errors, 0 warnings, 0 info\n',
    );
  });

  it('is all that is known, as JSON and as YAML', () => {
    expect(JSON.parse(formatReport(report, 'json', false))).toEqual(report);
    expect(parse(formatReport(report, 'yaml', false))).toEqual(report);
  });
});
