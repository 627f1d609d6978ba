import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { decideMode, isAnswered, probeManifest } from '../../src/core/probe.ts';
import { compileEligibility } from '../../src/core/scheduling/eligibility.ts';
import { selectorMatches } from '../../src/core/scheduling/label-selector.ts';
import { daemonSet } from '../builders/daemonset.ts';
import { node } from '../builders/node.ts';

describe('the probe', () => {
  const probe = probeManifest('everynode', 'probe-1') as DaemonSet;

  it('is in the namespace and under the name that were asked for', () => {
    expect(probe).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { namespace: 'everynode', name: 'probe-1' },
    });
  });

  it.each([{}, { 'everynode.dev/probe': '' }, { 'everynode.dev/probe': 'probe-1' }])(
    'matches no node, whatever its labels: %j',
    (labels) => {
      const eligibility = compileEligibility(probe.spec.template.spec ?? {})(node('n1', { labels }));
      expect(eligibility).toMatchObject({ shouldRun: false, shouldContinueRunning: false });
    },
  );

  it('has a selector that matches its template, as the API server demands', () => {
    expect(selectorMatches(probe.spec.selector, probe.spec.template.metadata?.labels ?? {})).toBe(true);
  });

  it('does not match the selector of another probe', () => {
    const other = probeManifest('everynode', 'probe-2') as DaemonSet;
    expect(selectorMatches(other.spec.selector, probe.spec.template.metadata?.labels ?? {})).toBe(false);
  });

  it('is answered once somebody has raised observedGeneration', () => {
    expect(isAnswered(daemonSet())).toBe(false);
    expect(isAnswered(daemonSet({ status: {} }))).toBe(false);
    expect(isAnswered(daemonSet({ status: { observedGeneration: 0 } }))).toBe(false);
    expect(isAnswered(daemonSet({ status: { observedGeneration: 1 } }))).toBe(true);
  });
});

describe('decideMode', () => {
  const table = [
    ['auto', false, 'own'],
    ['auto', true, 'assist'],
    ['own', false, 'own'],
    ['own', true, undefined],
    ['assist', false, 'assist'],
    ['assist', true, 'assist'],
  ] as const;
  it.each(table)('%s, another controller answered %s: %s', (wanted, answered, mode) => {
    expect(decideMode(wanted, answered)).toBe(mode);
  });
});
