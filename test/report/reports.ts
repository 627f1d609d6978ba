import { auditDaemonSet } from '../../src/core/audit/audit.ts';
import type { Finding } from '../../src/core/audit/finding.ts';
import { type AuditReport, reportOf } from '../../src/core/audit/report.ts';
import { NOW } from '../builders/clock.ts';
import { daemonSet } from '../builders/daemonset.ts';

export const HOSTILE = `</script><img src=x onerror="alert('1')">&\u0000\ud800`;

/** Findings of one DaemonSet: an error, warnings, one of them accepted, all at one place of a file. */
export function someFindings(name = 'agent'): readonly Finding[] {
  const object = daemonSet({
    name,
    annotations: { 'everynode.dev/ignore.resources': 'measured first' },
    podSpec: { containers: [{ name: 'a', image: 'a:1' }], restartPolicy: 'Never' },
  });
  return auditDaemonSet(object, undefined, { now: NOW }).map((finding) => ({
    ...finding,
    location: { file: 'manifests/my agent.yaml', line: 7, column: 3 },
  }));
}

export function report(findings: readonly Finding[] = someFindings()): AuditReport {
  return reportOf(findings, { judged: { DaemonSet: 1 }, notRead: [{ what: 'pods', why: 'forbidden' }] });
}
