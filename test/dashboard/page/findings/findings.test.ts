import { expect, it } from 'vitest';
import type { Finding } from '../../../../src/core/audit/finding.ts';
import { bySubject, filterFindings } from '../../../../src/dashboard/page/findings/findings.ts';
import { findingsVersion, totalFindings } from '../../../../src/dashboard/page/findings/version.ts';
import { board, boardRow } from '../board.ts';

function finding(name: string, parts: Partial<Finding> = {}): Finding {
  return {
    rule: 'latest-tag',
    severity: 'warning',
    subject: { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'logging', name },
    path: 'spec.template',
    message: 'says nothing',
    fingerprint: name,
    ...parts,
  };
}

it('filters by severity and by words of name, rule, field and message', () => {
  const found = [
    finding('a'),
    finding('b', { severity: 'error' }),
    finding('c', { message: 'runs as root' }),
  ];
  const names = (text: string, severity = ''): readonly string[] =>
    filterFindings(found, { text, severity }).map(({ subject }) => subject.name);
  expect(names('')).toEqual(['a', 'b', 'c']);
  expect(names('', 'error')).toEqual(['b']);
  expect(names('LATEST root')).toEqual(['c']);
  expect(names('logging/a spec')).toEqual(['a']);
});

it('groups by object, in the order in which they are first named', () => {
  const service = { apiVersion: 'v1', kind: 'Service', namespace: 'logging', name: 'a' };
  const groups = bySubject([finding('b'), finding('a'), finding('b'), finding('a', { subject: service })]);
  expect(groups.map(({ kind, name, findings }) => [kind, name, findings.length])).toEqual([
    ['DaemonSet', 'logging/b', 2],
    ['DaemonSet', 'logging/a', 1],
    ['Service', 'logging/a', 1],
  ]);
});

it('are others when they were judged otherwise, or more wait to be judged; not while pods come and go', () => {
  const counts = { error: 1, warning: 0, info: 2 };
  const judged = { version: 'a', findings: { error: 1, warning: 4, info: 2 } };
  const known = boardRow('a/b', 'a', { findings: counts });
  const before = board({ daemonSets: [known], judged });
  const version = findingsVersion(before);
  expect(findingsVersion(board({ daemonSets: [{ ...known, cells: 'o' }], judged }))).toBe(version);
  expect(findingsVersion({ ...before, judged: { ...judged, version: 'b' } })).not.toBe(version);
  expect(findingsVersion(board({ daemonSets: [known, boardRow('a/c', 'a')], judged }))).not.toBe(version);
});

it('are counted whatever they are about, once anything was judged', () => {
  const findings = { error: 1, warning: 4, info: 2 };
  expect(totalFindings(board({ judged: { version: 'a', findings } }))).toBe(7);
  expect(totalFindings(board())).toBeUndefined();
});
