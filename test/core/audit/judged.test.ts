import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/audit/finding.ts';
import { judgedOf } from '../../../src/core/audit/judged.ts';

const ONE: Finding = {
  rule: 'latest-tag',
  severity: 'warning',
  subject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'logging', name: 'a' },
  path: 'spec.template',
  message: 'moves',
  fingerprint: 'f',
};
const OTHER: Finding = { ...ONE, fingerprint: 'g', path: 'spec' };

const versionOf = (findings: readonly Finding[], suppressed: readonly Finding[] = []): string =>
  judgedOf({ findings, suppressed }, ['a/b']).version;

describe('findings in short', () => {
  it('count those that are not accepted, of any kind of object', () => {
    const { findings } = judgedOf(
      { findings: [ONE, { ...ONE, severity: 'error' }], suppressed: [OTHER] },
      [],
    );
    expect(findings).toEqual({ error: 1, warning: 1, info: 0 });
  });

  it('are the same for the same findings', () => {
    expect(versionOf([ONE], [OTHER])).toBe(versionOf([{ ...ONE }], [{ ...OTHER }]));
  });

  it.each([
    ['another message', versionOf([{ ...ONE, message: 'has moved' }])],
    ['another one instead', versionOf([OTHER])],
    ['one that is accepted', versionOf([], [{ ...ONE, suppressed: { reason: 'known' } }])],
    ['none', versionOf([])],
    ['another one that was judged', judgedOf({ findings: [ONE], suppressed: [] }, ['a/b', 'a/c']).version],
  ])('are others with %s', (_, version) => {
    expect(version).not.toBe(versionOf([ONE]));
  });
});
