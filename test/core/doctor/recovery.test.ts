import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/core/doctor/evidence.ts';
import type { RawHook } from '../../../src/core/doctor/hook.ts';
import { blockersOf, recoveryOf } from '../../../src/core/doctor/recovery.ts';
import { backend, configuration, entry, evidence, maker, named, notIn } from './cluster.ts';

const at = (namespace: string, name: string, overrides: Partial<RawHook> = {}): RawHook =>
  entry({ ...overrides, clientConfig: { service: { namespace, name } } });

function stuckIn(parts: Partial<Evidence>): { stuck: readonly string[]; mayBeStuck: readonly string[] } {
  const { stuck, mayBeStuck } = recoveryOf(evidence(parts));
  return { stuck: [...stuck].toSorted(), mayBeStuck: [...mayBeStuck].toSorted() };
}

const both = (...keys: readonly string[]): object => ({ stuck: keys, mayBeStuck: keys });

describe('the backends that stay down', () => {
  const engine = named(backend('policy', 'engine'));

  it('are those whose own pods they keep away', () => {
    expect(stuckIn({ configurations: [configuration('a', [entry()])], backends: engine })).toEqual(
      both('policy/engine'),
    );
  });

  it.each<[string, Partial<RawHook>]>([
    ['fails open', { failurePolicy: 'Ignore' }],
    ['exempts its own namespace', { namespaceSelector: notIn('policy') }],
    [
      'exempts its own pods',
      { objectSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['engine'] }] } },
    ],
    [
      'is about something else',
      { rules: [{ operations: ['*'], apiGroups: ['apps'], apiVersions: ['*'], resources: ['*'] }] },
    ],
    [
      'does not ask about them',
      { matchConditions: [{ name: 'c', expression: 'request.namespace != "policy"' }] },
    ],
  ])('are none where the webhook %s', (_, overrides) => {
    expect(stuckIn({ configurations: [configuration('a', [entry(overrides)])], backends: engine })).toEqual(
      both(),
    );
  });

  it('are those that cannot be bound to a node', () => {
    const rules = [
      { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/binding'] },
    ];
    expect(stuckIn({ configurations: [configuration('a', [entry({ rules })])], backends: engine })).toEqual(
      both('policy/engine'),
    );
  });

  it('are uncertain where a condition is', () => {
    const matchConditions = [{ name: 'c', expression: 'object.spec.hostNetwork' }];
    expect(
      stuckIn({ configurations: [configuration('a', [entry({ matchConditions })])], backends: engine }),
    ).toEqual({
      stuck: [],
      mayBeStuck: ['policy/engine'],
    });
  });

  it('are two that wait for each other, and what waits for them', () => {
    const configurations = [
      configuration('a', [at('a', 'hook', { namespaceSelector: notIn('a', 'd') })]),
      configuration('b', [at('b', 'hook', { namespaceSelector: notIn('b', 'd') })]),
      configuration('d', [at('d', 'hook')]),
    ];
    const backends = named(
      backend('a', 'hook'),
      backend('b', 'hook'),
      backend('c', 'hook'),
      backend('d', 'hook'),
    );
    expect(stuckIn({ configurations, backends })).toEqual(both('a/hook', 'b/hook', 'c/hook', 'd/hook'));
    // Once d leaves itself alone it comes up, and helps nobody else.
    const free = [
      ...configurations.slice(0, 2),
      configuration('d', [at('d', 'hook', { namespaceSelector: notIn('d') })]),
    ];
    expect(stuckIn({ configurations: free, backends })).toEqual(both('a/hook', 'b/hook', 'c/hook'));
  });

  it('are none where each waits only for one that comes up before it', () => {
    const configurations = [
      configuration('a', [at('a', 'hook', { namespaceSelector: notIn('a') })]),
      configuration('b', [at('b', 'hook', { namespaceSelector: notIn('a', 'b') })]),
    ];
    expect(stuckIn({ configurations, backends: named(backend('a', 'hook'), backend('b', 'hook')) })).toEqual(
      both(),
    );
  });

  describe('for want of a network', () => {
    const cni = maker({ namespace: 'network', name: 'cni', hostNetwork: true, givesPodNetwork: true });
    const configurations = [configuration('a', [entry({ namespaceSelector: notIn('policy') })])];

    it('are those whose pods need an agent that they block', () => {
      expect(stuckIn({ configurations, backends: engine, agents: [cni] })).toEqual(both('policy/engine'));
    });

    it('are not those on the network of their node', () => {
      const [behind] = backend('policy', 'engine').makers ?? [];
      const onNode = backend('policy', 'engine', { makers: [{ ...maker(behind), hostNetwork: true }] });
      expect(stuckIn({ configurations, backends: named(onNode), agents: [cni] })).toEqual(both());
    });

    it('are uncertain where another agent gives it', () => {
      const other = { ...cni, namespace: 'policy', name: 'other' };
      expect(stuckIn({ configurations, backends: engine, agents: [cni, other] })).toEqual({
        stuck: [],
        mayBeStuck: ['policy/engine'],
      });
    });
  });

  it('are not static pods, which kubelets start, nor what runs elsewhere or could not be read', () => {
    const configurations = [configuration('a', [entry()])];
    const [behind] = backend('policy', 'engine').makers ?? [];
    const { makers: _, ...unread } = backend('policy', 'engine');
    for (const each of [
      backend('policy', 'engine', { makers: [{ ...maker(behind), isStatic: true }] }),
      { ...unread, hasSelector: false },
      unread,
    ]) {
      expect(stuckIn({ configurations, backends: named(each) })).toEqual(both());
    }
  });

  it('are Services that do not exist or that nobody makes pods for', () => {
    const configurations = [configuration('a', [entry()])];
    for (const overrides of [{ exists: false }, { makers: [] }]) {
      expect(stuckIn({ configurations, backends: named(backend('policy', 'engine', overrides)) })).toEqual(
        both('policy/engine'),
      );
    }
  });
});

const NAMES = ['a', 'b', 'c', 'd'] as const;
const hooks = fc.record({
  of: fc.constantFrom(...NAMES),
  failsClosed: fc.boolean(),
  exempt: fc.subarray([...NAMES]),
  isOpen: fc.boolean(),
});
const clusters = fc.array(hooks, { maxLength: 6 }).map((all) =>
  evidence({
    configurations: all.map(({ of, failsClosed, exempt, isOpen }, index) =>
      configuration(`${index}`, [
        at(of, 'hook', {
          failurePolicy: failsClosed ? 'Fail' : 'Ignore',
          ...(exempt.length > 0 && { namespaceSelector: notIn(...exempt) }),
          ...(isOpen && { matchConditions: [{ name: 'c', expression: 'object.spec.x' }] }),
        }),
      ]),
    ),
    backends: named(...NAMES.map((name) => backend(name, 'hook'))),
  }),
);

describe('in any cluster', () => {
  it('what is stuck for certain may be stuck', () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const { stuck, mayBeStuck } = recoveryOf(cluster);
        for (const key of stuck) expect(mayBeStuck).toContain(key);
      }),
    );
  });

  it('each that is stuck waits for one that is, and none that comes back does', () => {
    fc.assert(
      fc.property(clusters, (cluster) => {
        const { stuck } = recoveryOf(cluster);
        for (const [key, { makers = [] }] of cluster.backends) {
          const waits = makers.every((each) =>
            blockersOf(each, cluster).some(
              ({ hook, coverage }) => coverage.answer === 'yes' && stuck.has(hook.backend ?? ''),
            ),
          );
          expect(waits).toBe(stuck.has(key));
        }
      }),
    );
  });

  it('failing open frees, and never blocks', () => {
    fc.assert(
      fc.property(clusters, fc.nat(5), (cluster, index) => {
        const opened = cluster.configurations.map((each, at) =>
          at === index
            ? {
                ...each,
                webhooks: each.webhooks?.map((hook) => ({ ...hook, failurePolicy: 'Ignore' })) ?? [],
              }
            : each,
        );
        const before = recoveryOf(cluster).stuck;
        for (const key of recoveryOf({ ...cluster, configurations: opened }).stuck)
          expect(before).toContain(key);
      }),
    );
  });
});
