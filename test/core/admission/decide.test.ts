import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AdmissionRequest } from '../../../src/api/admission.ts';
import { decide } from '../../../src/core/admission/decide.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/admission/settings.ts';
import { ALLOWED } from '../../../src/core/admission/verdict.ts';
import { clusterOf } from '../../builders/cluster-view.ts';
import { daemonSet } from '../../builders/daemonset.ts';

type Fixture =
  | 'daemonset-create'
  | 'daemonset-selector-changed'
  | 'pod-named-by-annotation'
  | 'pod-names-no-node';

function request(fixture: Fixture, overrides: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const path = join(import.meta.dirname, `../../fixtures/admission/${fixture}.json`);
  const { request } = JSON.parse(readFileSync(path, 'utf8')) as { request: AdmissionRequest };
  return { ...request, subResource: '', username: '', options: null, ...overrides };
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
    const settings = { ...DEFAULT_SETTINGS, rules: levels };
    const verdict = decide('mutate', request('daemonset-selector-changed'), { settings });
    expect(verdict.allowed).toBe(true);
    expect(verdict.violations.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('takes the levels of the Pod rules from the configuration too', () => {
    const at = (level: 'warn' | 'off'): unknown => {
      const settings = { ...DEFAULT_SETTINGS, rules: { 'pod-names-no-node': level } };
      const verdict = decide('mutate', request('pod-names-no-node'), { settings });
      return [verdict.allowed, verdict.violations.map((violation) => violation.level)];
    };
    expect(at('warn')).toEqual([true, ['warn']]);
    expect(at('off')).toEqual([true, []]);
  });

  it('refuses a Pod of a DaemonSet from somebody who runs none, before it completes it', () => {
    const username = 'jane';
    expect(rulesOf('mutate', request('pod-named-by-annotation', { username }))).toEqual(['impostor']);
    const settings = { ...DEFAULT_SETTINGS, daemonPodMakers: [username] };
    const verdict = decide('mutate', request('pod-named-by-annotation', { username }), { settings });
    expect(verdict.allowed && verdict.patch.length).toBeGreaterThan(0);
  });

  it('completes a Pod that it warns of', () => {
    const settings = { ...DEFAULT_SETTINGS, rules: { impostor: 'warn' } } as const;
    const verdict = decide('mutate', request('pod-named-by-annotation', { username: 'jane' }), { settings });
    expect(verdict.allowed && verdict.patch.length).toBeGreaterThan(0);
    expect(verdict.violations.map(({ rule }) => rule)).toEqual(['impostor']);
  });

  it('adds the extra tolerations of the DaemonSet that the Pod names, and of no other', () => {
    const tolerations = [{ key: 'gpu', operator: 'Exists' }];
    const settings = { ...DEFAULT_SETTINGS, extraTolerations: [{ tolerations }] };
    const pod = request('pod-named-by-annotation');
    const { uid } = (pod.object as { metadata: { ownerReferences: [{ uid: string }] } }).metadata
      .ownerReferences[0];
    const tolerated = (owner: string): string => {
      const stored = daemonSet();
      const metadata = { ...stored.metadata, namespace: pod.namespace, uid: owner };
      const cluster = clusterOf({ daemonSets: [{ ...stored, metadata }] });
      return JSON.stringify(decide('mutate', pod, { settings, cluster }));
    };
    expect(tolerated(uid)).toContain('"gpu"');
    expect(tolerated('another')).not.toContain('"gpu"');
  });

  it('judges the templates of other kinds for the labels they give', () => {
    const labels = { app: 'demo' };
    const asked = request('daemonset-create', {
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      namespace: 'default',
      object: { spec: { template: { metadata: { labels } } } },
    });
    const cluster = clusterOf({ daemonSets: [daemonSet()] });
    const verdict = decide('validate', asked, { cluster });
    expect([verdict.allowed, verdict.violations.map(({ rule }) => rule)]).toEqual([true, ['label-theft']]);
    expect(decide('validate', { ...asked, operation: 'DELETE' }, { cluster })).toBe(ALLOWED);
  });

  const ignored: Record<string, AdmissionRequest> = {
    'a DaemonSet of another version': request('daemonset-selector-changed', {
      kind: { group: 'apps', version: 'v1beta2', kind: 'DaemonSet' },
    }),
    'a DaemonSet of another group': request('daemonset-selector-changed', {
      kind: { group: 'apps.kruise.io', version: 'v1', kind: 'DaemonSet' },
    }),
    'the status of a DaemonSet': request('daemonset-selector-changed', { subResource: 'status' }),
    'the deletion of a DaemonSet that nothing protects': request('daemonset-selector-changed', {
      operation: 'DELETE',
    }),
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
