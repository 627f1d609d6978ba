import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AdmissionRequest } from '../../../src/api/admission.ts';
import { decide } from '../../../src/core/admission/decide.ts';
import { ALLOWED } from '../../../src/core/admission/verdict.ts';

type Fixture =
  | 'daemonset-create'
  | 'daemonset-selector-changed'
  | 'pod-named-by-annotation'
  | 'pod-names-no-node';

function request(fixture: Fixture, overrides: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const path = join(import.meta.dirname, `../../fixtures/admission/${fixture}.json`);
  const { request } = JSON.parse(readFileSync(path, 'utf8')) as { request: AdmissionRequest };
  return { ...request, subResource: '', ...overrides };
}

function rulesOf(phase: 'mutate' | 'validate', asked: AdmissionRequest): readonly string[] {
  return decide(phase, asked).violations.map(({ rule }) => rule);
}

describe('decide', () => {
  it('judges DaemonSets in both phases and changes them in none', () => {
    for (const phase of ['mutate', 'validate'] as const) {
      expect(decide(phase, request('daemonset-create'))).toEqual(ALLOWED);
      expect(rulesOf(phase, request('daemonset-selector-changed'))).toContain('selector-immutable');
    }
  });

  it('pins a Pod in the mutating phase, and refuses one that is still not pinned in the validating one', () => {
    const pod = request('pod-named-by-annotation');
    const verdict = decide('mutate', pod);
    expect(verdict.allowed && verdict.patch[0]?.path).toBe('/spec/affinity');
    expect(rulesOf('validate', pod)).toEqual(['pod-not-pinned']);
    expect(rulesOf('mutate', request('pod-names-no-node'))).toEqual(['pod-names-no-node']);
    expect(rulesOf('validate', request('pod-names-no-node'))).toEqual(['pod-names-no-node']);
  });

  it('warns, and does not deny, at the level warn', () => {
    const levels = { 'selector-immutable': 'warn', 'selector-matches-template': 'warn' } as const;
    const verdict = decide('mutate', request('daemonset-selector-changed'), levels);
    expect(verdict.allowed).toBe(true);
    expect(verdict.violations.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  const ignored: Record<string, AdmissionRequest> = {
    'a DaemonSet of another version': request('daemonset-selector-changed', {
      kind: { group: 'apps', version: 'v1beta2', kind: 'DaemonSet' },
    }),
    'a DaemonSet of another group': request('daemonset-selector-changed', {
      kind: { group: 'apps.kruise.io', version: 'v1', kind: 'DaemonSet' },
    }),
    'the status of a DaemonSet': request('daemonset-selector-changed', { subResource: 'status' }),
    'the deletion of a DaemonSet': request('daemonset-selector-changed', { operation: 'DELETE' }),
    'an update of a Pod': request('pod-names-no-node', { operation: 'UPDATE' }),
    'a connection to a Pod': request('pod-names-no-node', { operation: 'CONNECT', subResource: 'exec' }),
    'a binding of a Pod': request('pod-names-no-node', { subResource: 'binding' }),
    'another kind': request('pod-names-no-node', { kind: { group: '', version: 'v1', kind: 'Service' } }),
  };

  it.each(Object.entries(ignored))('allows %s unseen', (_, asked) => {
    expect(decide('mutate', asked)).toBe(ALLOWED);
    expect(decide('validate', asked)).toBe(ALLOWED);
  });
});
