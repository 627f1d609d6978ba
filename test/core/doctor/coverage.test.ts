import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attributes, podRequests } from '../../../src/core/doctor/admission-attributes.ts';
import { anyCoverage, coverage } from '../../../src/core/doctor/coverage.ts';
import type { HookRule, RawHook } from '../../../src/core/doctor/hook.ts';
import { hook, maker, namespaces, notIn } from './cluster.ts';

const CLUSTER = namespaces({ monitoring: { team: 'ops' } });
const [POD, BINDING] = podRequests(maker(), CLUSTER) as [Attributes, Attributes];

const rule = (overrides: Partial<HookRule>): readonly HookRule[] => [
  { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], ...overrides },
];
const answer = (overrides: Partial<RawHook>, request = POD): string =>
  coverage(hook(overrides), request).answer;

describe('which rules match the creation of a Pod', () => {
  it.each<[string, Partial<HookRule>]>([
    ['by name', {}],
    ['every operation', { operations: ['*'] }],
    ['every group', { apiGroups: ['*'] }],
    ['every version', { apiVersions: ['*'] }],
    ['every resource', { resources: ['*'] }],
    ['every resource and subresource', { resources: ['*/*'] }],
    ['pods and their subresources', { resources: ['pods/*'] }],
    ['the scope of namespaces', { scope: 'Namespaced' }],
    ['every scope', { scope: '*' }],
    ['one of many', { resources: ['services', 'pods'], operations: ['UPDATE', 'CREATE'] }],
  ])('%s', (_, overrides) => {
    expect(answer({ rules: rule(overrides) })).toBe('yes');
  });

  it.each<[string, Partial<HookRule>]>([
    ['another operation', { operations: ['UPDATE', 'DELETE'] }],
    ['another group', { apiGroups: ['apps'] }],
    ['another version', { apiVersions: ['v1beta1'] }],
    ['another resource', { resources: ['daemonsets'] }],
    ['a subresource alone', { resources: ['pods/exec'] }],
    ['subresources of all', { resources: ['*/status'] }],
    ['what is outside of namespaces', { scope: 'Cluster' }],
  ])('not %s', (_, overrides) => {
    expect(answer({ rules: rule(overrides) })).toBe('no');
  });

  it('nor no rules at all', () => {
    expect(answer({ rules: [] })).toBe('no');
    const { rules: _, ...without } = hook();
    expect(coverage(without, POD).answer).toBe('no');
  });

  it('the binding of a Pod is a request of its own', () => {
    expect(answer({ rules: rule({ resources: ['pods/binding'] }) }, BINDING)).toBe('yes');
    expect(answer({ rules: rule({ resources: ['pods/*'] }) }, BINDING)).toBe('yes');
    expect(answer({ rules: rule({}) }, BINDING)).toBe('no');
    expect(answer({ rules: rule({ resources: ['*'] }) }, BINDING)).toBe('no');
  });
});

describe('selectors', () => {
  it.each<[string, RawHook['namespaceSelector'], string]>([
    ['none', undefined, 'yes'],
    ['an empty one', {}, 'yes'],
    ['the name of the namespace left out', notIn('monitoring', 'kube-system'), 'no'],
    ['other names left out', notIn('kube-system'), 'yes'],
    ['a label that it has', { matchLabels: { team: 'ops' } }, 'yes'],
    ['a label that it lacks', { matchLabels: { inject: 'true' } }, 'no'],
    ['an exemption that it lacks', { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] }, 'yes'],
  ])('of namespaces: %s', (_, namespaceSelector, expected) => {
    expect(answer(namespaceSelector ? { namespaceSelector } : {})).toBe(expected);
  });

  it('never exempt what is outside of namespaces', () => {
    const rules = rule({ resources: ['nodes'], operations: ['*'] });
    const node: Attributes = { ...POD, resource: 'nodes', kind: 'Node', namespace: '', namespaceLabels: {} };
    expect(answer({ rules, namespaceSelector: notIn('kube-system') }, node)).toBe('yes');
    expect(answer({ rules, namespaceSelector: { matchLabels: { a: 'b' } } }, node)).toBe('yes');
  });

  it('of objects look at the labels of the pod template', () => {
    expect(answer({ objectSelector: { matchLabels: { app: 'agent' } } })).toBe('yes');
    expect(answer({ objectSelector: { matchLabels: { inject: 'yes' } } })).toBe('no');
    expect(answer({ objectSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] } })).toBe(
      'no',
    );
  });

  it('of objects that ask for a hash are open: its value is not known', () => {
    const [pod] = podRequests(
      maker({ podLabels: { app: 'agent', 'controller-revision-hash': '' } }),
      CLUSTER,
    ) as [Attributes];
    const by = (operator: string, values?: readonly string[]): string =>
      answer(
        {
          objectSelector: {
            matchExpressions: [{ key: 'controller-revision-hash', operator, ...(values && { values }) }],
          },
        },
        pod,
      );
    expect(by('Exists')).toBe('yes');
    expect(by('DoesNotExist')).toBe('no');
    expect(by('In', ['7f'])).toBe('maybe');
  });

  it('agree with what labels say, whatever the selector', () => {
    const keys = fc.constantFrom('a', 'b', 'c');
    const values = fc.constantFrom('1', '2');
    const labels = fc.dictionary(keys, values);
    const requirements = fc.oneof(
      fc.record({
        key: keys,
        operator: fc.constantFrom('In', 'NotIn'),
        values: fc.array(values, { minLength: 1 }),
      }),
      fc.record({ key: keys, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    );
    const selectors = fc.record({
      matchLabels: fc.dictionary(keys, values),
      matchExpressions: fc.array(requirements),
    });
    fc.assert(
      fc.property(
        selectors,
        selectors,
        labels,
        labels,
        (ofNamespace, ofObject, namespaceLabels, podLabels) => {
          const expected = accepts(ofNamespace, namespaceLabels) && accepts(ofObject, podLabels);
          const request = { ...POD, namespaceLabels, labels: podLabels };
          const { answer } = coverage(
            hook({ namespaceSelector: ofNamespace, objectSelector: ofObject }),
            request,
          );
          expect(answer).toBe(expected ? 'yes' : 'no');
        },
      ),
    );
  });
});

type Selector = {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly { key: string; operator: string; values?: readonly string[] }[];
};

/** The documentation of label selectors, word by word. */
function accepts(
  { matchLabels, matchExpressions }: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const has = (key: string): boolean => Object.keys(labels).includes(key);
  const isOneOf = (key: string, values: readonly string[] = []): boolean =>
    has(key) && values.some((value) => value === labels[key]);
  return (
    Object.entries(matchLabels).every(([key, value]) => isOneOf(key, [value])) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator === 'In') return isOneOf(key, values);
      if (operator === 'NotIn') return !isOneOf(key, values);
      return has(key) === (operator === 'Exists');
    })
  );
}

describe('matchConditions', () => {
  const conditions = (...expressions: readonly string[]): Partial<RawHook> => ({
    matchConditions: expressions.map((expression, at) => ({ name: `c${at}`, expression })),
  });

  it('all have to hold', () => {
    expect(answer(conditions('request.namespace == "monitoring"', 'true'))).toBe('yes');
    expect(answer(conditions('request.namespace == "monitoring"', 'false'))).toBe('no');
  });

  it('that cannot be evaluated here are named', () => {
    const hard = conditions('true', 'object.spec.containers.all(c, c.image != "")');
    expect(coverage(hook(hard), POD)).toEqual({ answer: 'maybe', because: ['matchCondition c1'] });
  });

  it('that do not hold decide, whatever the others are', () => {
    expect(answer(conditions('object.spec.hostNetwork', 'request.operation == "UPDATE"'))).toBe('no');
  });
});

describe('several answers', () => {
  const maybe = { answer: 'maybe', because: ['matchCondition c'] } as const;

  it('are as strong as the strongest', () => {
    expect(anyCoverage([{ answer: 'no' }, { answer: 'yes' }, maybe]).answer).toBe('yes');
    expect(anyCoverage([{ answer: 'no' }, maybe, maybe])).toEqual(maybe);
    expect(anyCoverage([{ answer: 'no' }]).answer).toBe('no');
    expect(anyCoverage([]).answer).toBe('no');
  });
});
