import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/core/doctor/diagnose.ts';
import type { DaemonSetFacts, Evidence } from '../../../src/core/doctor/evidence.ts';
import type { Finding } from '../../../src/core/doctor/finding.ts';
import { backend, configuration, entry, evidence, maker, named, notIn } from './cluster.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');

/** What is found beside that everynode is not there. */
function found(parts: Partial<Evidence>): readonly Finding[] {
  return diagnose(evidence(parts), NOW).filter(
    ({ check }) => !check.startsWith('everynode-') && !check.startsWith('ca-bundle-'),
  );
}

const summary = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ severity, check, object, path }) => `${severity} ${check} ${object.name} ${path}`);

describe('a node agent', () => {
  const agents = [maker()];
  const backends = named(backend('policy', 'engine'));
  const blocking = [configuration('engine', [entry({ namespaceSelector: notIn('policy') })])];

  it('that waits for a webhook is warned of, with what exempts it', () => {
    const [finding, ...more] = found({ agents, backends, configurations: blocking });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ severity: 'warning', check: 'agent-blocked', path: 'spec.template' });
    expect(finding?.object).toEqual({ kind: 'DaemonSet', namespace: 'monitoring', name: 'agent' });
    expect(finding?.explanation).toContain(
      'check.engine.example (ValidatingWebhookConfiguration/engine, Service policy/engine)',
    );
    expect(finding?.explanation).toContain('come back without it');
    expect(finding?.remedy).toContain('values: [monitoring]');
  });

  it('that waits for one that is stuck is an error', () => {
    const findings = found({ agents, backends, configurations: [configuration('engine', [entry()])] });
    expect(summary(findings)).toEqual([
      'error deadlock engine webhooks[0].namespaceSelector',
      'error agent-blocked agent spec.template',
    ]);
    expect(findings[0]?.explanation).toContain('which they themselves answer');
    expect(findings[0]?.remedy).toContain('kubectl delete validatingwebhookconfiguration engine');
  });

  it('that waits perhaps is told of', () => {
    const matchConditions = [{ name: 'odd', expression: 'object.spec.x' }];
    const findings = found({
      agents,
      backends,
      configurations: [
        configuration('engine', [entry({ matchConditions, namespaceSelector: notIn('policy') })]),
      ],
    });
    expect(summary(findings)).toEqual(['info agent-blocked agent spec.template']);
    expect(findings[0]?.explanation).toContain('may not be able to');
    expect(findings[0]?.explanation).toContain('depending on its matchCondition odd');
  });

  it('that gives pods their network is said to', () => {
    const [finding] = found({
      agents: [maker({ hostNetwork: true, givesPodNetwork: true })],
      backends,
      configurations: [configuration('engine', [entry({ namespaceSelector: notIn('policy') })])],
    });
    expect(finding?.check).toBe('deadlock');
    expect(finding?.explanation).toContain('they need the pod network');
  });

  it('that is static runs all the same', () => {
    const findings = found({
      agents: [maker({ kind: 'Pod', isStatic: true, name: 'kube-proxy' })],
      backends,
      configurations: blocking,
    });
    expect(summary(findings)).toEqual(['info static-pod-hidden kube-proxy spec']);
  });

  it('that nobody blocks is not spoken of', () => {
    const open = [configuration('engine', [entry({ failurePolicy: 'Ignore' })])];
    expect(found({ agents, backends, configurations: open })).toEqual([]);
  });
});

describe('a webhook', () => {
  const configurations = [configuration('engine', [entry({ namespaceSelector: notIn('policy') })])];
  const open = [configuration('engine', [entry({ failurePolicy: 'Ignore' })])];
  const behind = (overrides: object): Partial<Evidence> => ({
    backends: named(backend('policy', 'engine', overrides)),
  });

  it('whose Service is gone refuses everything now', () => {
    expect(summary(found({ configurations, ...behind({ exists: false }) }))).toEqual([
      'error service-missing engine webhooks[0].clientConfig.service',
    ]);
    expect(summary(found({ configurations: open, ...behind({ exists: false }) }))).toEqual([
      'warning service-missing engine webhooks[0].clientConfig.service',
    ]);
  });

  it('that nobody answers likewise', () => {
    expect(summary(found({ configurations, ...behind({ readyEndpoints: 0 }) }))).toEqual([
      'error no-endpoints engine webhooks[0].clientConfig.service',
    ]);
  });

  it('that one pod alone answers is told of, if it fails closed', () => {
    expect(summary(found({ configurations, ...behind({ readyEndpoints: 1 }) }))).toEqual([
      'info single-endpoint engine webhooks[0].clientConfig.service',
    ]);
    expect(found({ configurations: open, ...behind({ readyEndpoints: 1 }) })).toEqual([]);
  });

  it('at a URL is told of with what depends on it', () => {
    const clientConfig = { url: 'https://hooks.example/validate' };
    const findings = found({
      agents: [maker()],
      configurations: [configuration('away', [entry({ clientConfig })])],
    });
    expect(summary(findings)).toEqual([
      'warning agent-blocked agent spec.template',
      'info url-webhook away webhooks[0].clientConfig.url',
    ]);
    expect(findings[1]?.explanation).toContain('and 1 node agent cannot start without it');
  });

  it('that is asked about everything is asked whether nodes live', () => {
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }];
    const [finding] = found({
      configurations: [configuration('all', [entry({ rules, namespaceSelector: notIn('policy') })])],
      ...behind({}),
    });
    expect(finding).toMatchObject({
      severity: 'warning',
      check: 'heartbeats-blocked',
      path: 'webhooks[0].rules',
    });
    expect(finding?.explanation).toContain('Leases of kube-node-lease and the status of Nodes');
  });
});

describe('timeouts', () => {
  const slow = (
    seconds: number,
    kind: 'Mutating' | 'Validating',
    name: string,
  ): Evidence['configurations'][number] =>
    configuration(
      name,
      [entry({ name: `${name}.example.com`, failurePolicy: 'Ignore', timeoutSeconds: seconds })],
      `${kind}WebhookConfiguration`,
    );

  it('of mutating webhooks add up, of validating ones the longest counts', () => {
    const configurations = [
      slow(15, 'Mutating', 'a'),
      slow(12, 'Mutating', 'b'),
      slow(9, 'Validating', 'c'),
      slow(5, 'Validating', 'd'),
    ];
    const [finding] = found({ agents: [maker()], configurations });
    expect(finding).toMatchObject({ severity: 'warning', check: 'timeouts-add-up' });
    expect(finding?.explanation).toContain('up to 36 s');
  });

  it('that a client bears are not spoken of', () => {
    const configurations = [
      slow(10, 'Mutating', 'a'),
      slow(10, 'Mutating', 'b'),
      slow(10, 'Validating', 'c'),
    ];
    expect(found({ agents: [maker()], configurations })).toEqual([]);
  });

  it('that outlast a request are fatal', () => {
    const configurations = [slow(30, 'Mutating', 'a'), slow(30, 'Mutating', 'b')];
    expect(found({ agents: [maker()], configurations })[0]?.explanation).toContain('no pod is made at all');
  });
});

describe('everynode itself', () => {
  const ours = [
    configuration('everynode', [], 'MutatingWebhookConfiguration'),
    configuration('everynode', [], 'ValidatingWebhookConfiguration'),
  ];
  const lease = { holder: 'one', acquiredAt: NOW - 60_000, renewedAt: NOW - 2_000, durationMs: 15_000 };
  const facts = (overrides: Partial<DaemonSetFacts> = {}): DaemonSetFacts => ({
    namespace: 'default',
    name: 'agent',
    generation: 2,
    observedGeneration: 2,
    changedAt: NOW - 300_000,
    statusWriters: [],
    ...overrides,
  });
  const checks = (parts: Partial<Evidence>): readonly string[] =>
    diagnose(evidence({ configurations: ours, lease, ...parts }), NOW).map(
      ({ severity, check }) => `${severity} ${check}`,
    );

  it('is well', () => {
    expect(checks({ daemonSets: [facts()] })).toEqual([]);
  });

  it('is not there, or half', () => {
    expect(checks({ configurations: [] })).toEqual([
      'info everynode-not-registered',
      'info everynode-not-registered',
    ]);
    expect(checks({ configurations: ours.slice(1) })).toEqual(['error everynode-not-registered']);
  });

  it.each<[string, Partial<typeof lease>, string]>([
    ['was given back', { holder: '' }, 'warning everynode-lease'],
    ['has run out', { renewedAt: NOW - 31_000 }, 'error everynode-lease'],
  ])('has a Lease that %s', (_, overrides, expected) => {
    expect(checks({ lease: { ...lease, ...overrides } })).toEqual([expected]);
  });

  it('has no Lease, unless that is only not known', () => {
    const { lease: _, ...without } = evidence({ configurations: ours });
    expect(diagnose(without, NOW).map(({ check }) => check)).toEqual(['everynode-lease']);
    const notRead = [{ what: 'leases of everynode-system', why: 'forbidden' }];
    expect(diagnose({ ...without, notRead }, NOW)).toEqual([]);
  });

  it('has had its probe answered', () => {
    const probe = facts({
      namespace: 'everynode-system',
      name: 'everynode-sync-probe',
      observedGeneration: 1,
    });
    expect(checks({ daemonSets: [probe] })).toEqual(['warning everynode-probe']);
    expect(checks({ daemonSets: [{ ...probe, observedGeneration: 0 }] })).toEqual([]);
  });

  it('is not alone: two have written the status since it leads', () => {
    const since = (manager: string, at = NOW - 1_000): { manager: string; at: number } => ({ manager, at });
    const fought = facts({ statusWriters: [since('everynode'), since('kube-controller-manager')] });
    expect(checks({ daemonSets: [fought] })).toEqual(['error two-controllers']);
    const before = facts({
      statusWriters: [since('everynode'), since('kube-controller-manager', NOW - 90_000)],
    });
    expect(checks({ daemonSets: [before] })).toEqual([]);
    // In mode assist the built-in one writes alone.
    expect(checks({ daemonSets: [facts({ statusWriters: [since('kube-controller-manager')] })] })).toEqual(
      [],
    );
  });

  it('is not at work, nor is anybody', () => {
    expect(checks({ daemonSets: [facts({ observedGeneration: 1 })] })).toEqual(['error nobody-syncs']);
    expect(checks({ daemonSets: [facts({ observedGeneration: 1, changedAt: NOW - 1_000 })] })).toEqual([]);
  });
});
