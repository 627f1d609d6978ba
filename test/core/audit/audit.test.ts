import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../src/api/daemonset.ts';
import { auditCluster, auditDaemonSet } from '../../../src/core/audit/audit.ts';
import { reportOf } from '../../../src/core/audit/report.ts';
import { anyAtLeast, countBySeverity } from '../../../src/core/severity.ts';
import { NOW } from '../../builders/clock.ts';
import { clusterOf, workload } from '../../builders/cluster-view.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node } from '../../builders/node.ts';

const OPTIONS = { now: NOW };
const CONTAINER = {
  name: 'agent',
  image: 'agent:1',
  readinessProbe: { exec: {} },
  resources: { requests: { cpu: '10m', memory: '10Mi' }, limits: { memory: '20Mi' } },
};

/** A DaemonSet that nobody could find fault with. */
function sound(name: string, annotations: Record<string, string> = {}, podSpec: object = {}): DaemonSet {
  return daemonSet({
    name,
    annotations,
    selector: { matchLabels: { app: name } },
    templateMetadata: { labels: { app: name } },
    podSpec: { containers: [CONTAINER], ...podSpec },
  });
}

const rulesOf = (findings: readonly { readonly rule: string }[]): readonly string[] =>
  findings.map(({ rule }) => rule);

describe('auditDaemonSet', () => {
  it('finds nothing where there is nothing', () => {
    expect(auditDaemonSet(sound('a'), undefined, OPTIONS)).toEqual([]);
  });

  it('applies the rules of admission and the practices to what stands', () => {
    const object = sound('a', {}, { restartPolicy: 'Never', hostPID: true });
    const findings = auditDaemonSet(object, undefined, OPTIONS);
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
      ['restart-policy', 'error'],
      ['privileged', 'warning'],
    ]);
    expect(findings[0]?.subject).toMatchObject({ kind: 'DaemonSet', namespace: 'default', name: 'a' });
  });

  it('leaves out what is switched off', () => {
    const object = sound('a', {}, { hostPID: true });
    expect(auditDaemonSet(object, undefined, { now: NOW, off: new Set(['privileged']) })).toEqual([]);
  });

  it('marks what is accepted, and says why an acceptance does not hold', () => {
    const accepted = (text: string): unknown =>
      auditDaemonSet(
        sound('a', { 'everynode.dev/ignore.privileged': text }, { hostPID: true }),
        undefined,
        OPTIONS,
      )[0];
    expect(accepted('reads process names')).toMatchObject({ suppressed: { reason: 'reads process names' } });
    expect(accepted('until=2020-01-01 x')).not.toHaveProperty('suppressed');
    expect(accepted('until=2020-01-01 x')).toMatchObject({
      message: expect.stringContaining('ended on 2020-01-01'),
    });
  });

  it('gives a finding the same fingerprint whatever its numbers, and others another', () => {
    const [a] = auditDaemonSet(sound('a', {}, { terminationGracePeriodSeconds: 700 }), undefined, OPTIONS);
    const [b] = auditDaemonSet(sound('a', {}, { terminationGracePeriodSeconds: 800 }), undefined, OPTIONS);
    const [c] = auditDaemonSet(sound('c', {}, { terminationGracePeriodSeconds: 800 }), undefined, OPTIONS);
    expect(a?.message).not.toBe(b?.message);
    expect(a?.fingerprint).toBe(b?.fingerprint);
    expect(c?.fingerprint).not.toBe(b?.fingerprint);
  });

  it('tells selectors that no pod matches both of from those that select one pod', () => {
    const other = (labels: Record<string, string>): DaemonSet =>
      daemonSet({ name: 'other', selector: { matchLabels: labels }, templateMetadata: { labels } });
    const severities = (labels: Record<string, string>): readonly unknown[] =>
      auditDaemonSet(sound('a'), clusterOf({ daemonSets: [other(labels)] }), {
        now: NOW,
        off: new Set(['same-job']),
      }).map(({ rule, severity }) => [rule, severity]);
    expect(severities({ name: 'b' })).toEqual([['selector-overlap', 'info']]);
    expect(severities({ app: 'a' })).toEqual([['selector-overlap', 'error']]);
  });

  it('names an object that gets its name later by what is known of it', () => {
    const { metadata, ...rest } = sound('a', {}, { hostPID: true });
    const object = { ...rest, metadata: { namespace: metadata.namespace, generateName: 'agent-' } };
    expect(auditDaemonSet(object, undefined, OPTIONS)[0]?.subject).toMatchObject({ name: 'agent-' });
  });

  it('gives each of several findings at one field its own, so that a baseline of one hides no other', () => {
    const port = { containerPort: 9100, hostPort: 9100 };
    const withPort = (name: string): DaemonSet =>
      sound(name, {}, { containers: [{ ...CONTAINER, ports: [port] }] });
    const daemonSets = ['a', 'b', 'c'].map(withPort);
    const cluster = clusterOf({ daemonSets, nodes: [node('n1')] });
    const findings = auditDaemonSet(daemonSets[0], cluster, {
      now: NOW,
      off: new Set(['nodes-without-pod']),
    });
    expect(rulesOf(findings)).toEqual(['host-port-clash', 'host-port-clash', 'same-job', 'same-job']);
    expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(4);
  });

  it('never throws, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (object) => {
        auditDaemonSet(object, clusterOf({}), OPTIONS);
      }),
    );
  });
});

describe('auditCluster', () => {
  const daemonSets = [sound('a'), { ...sound('b'), spec: sound('a').spec }];
  const workloads = [workload('Deployment', 'web', { podLabels: { app: 'a' } }), workload('Job', 'other')];
  const cluster = clusterOf({ daemonSets, workloads, nodes: [node('n')] });

  it('judges every DaemonSet against all the others, and the templates beside them', () => {
    const findings = [...auditCluster(cluster, OPTIONS)].flat();
    expect(findings.filter(({ rule }) => rule === 'selector-overlap' && true).length).toBeGreaterThanOrEqual(
      2,
    );
    expect(findings.find(({ rule }) => rule === 'label-theft')?.subject).toMatchObject({
      kind: 'Deployment',
      name: 'web',
    });
  });

  it('passes over the probe', () => {
    const stored = sound('probe', {}, { hostPID: true });
    const probe = { ...stored, metadata: { ...stored.metadata, labels: { 'everynode.dev/probe': 'x' } } };
    expect([...auditCluster(clusterOf({ daemonSets: [probe] }), OPTIONS)].flat()).toEqual([]);
  });
});

describe('reportOf', () => {
  const findings = auditDaemonSet(
    sound(
      'a',
      { 'everynode.dev/ignore.privileged': 'meant' },
      { restartPolicy: 'Never', hostPID: true, terminationGracePeriodSeconds: 700 },
    ),
    undefined,
    OPTIONS,
  );
  const outcome = { judged: { DaemonSet: 1 }, notRead: [] };

  it('puts the worst first, and accepted ones aside', () => {
    const report = reportOf(findings.toReversed(), outcome);
    expect(rulesOf(report.findings)).toEqual(['restart-policy', 'grace-period']);
    expect(rulesOf(report.suppressed)).toEqual(['privileged']);
    expect(countBySeverity(report.findings)).toEqual({ error: 1, warning: 0, info: 1 });
  });

  it('leaves out what the baseline knows, and counts it', () => {
    const baseline = new Set(
      findings.filter(({ rule }) => rule === 'restart-policy').map((each) => each.fingerprint),
    );
    const report = reportOf(findings, outcome, baseline);
    expect(rulesOf(report.findings)).toEqual(['grace-period']);
    expect(report.known).toBe(1);
    expect(anyAtLeast(report.findings, 'warning')).toBe(false);
    expect(anyAtLeast(report.findings, 'info')).toBe(true);
  });
});
