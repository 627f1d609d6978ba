import { describe, expect, it } from 'vitest';
import { nodeAffinitySyntax } from '../../../../src/core/admission/rules/node-affinity-syntax.ts';
import { created } from './daemonset-change.ts';

const TERM =
  'spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]';

function check(nodeSelectorTerms: unknown): ReturnType<typeof nodeAffinitySyntax.check> {
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return nodeAffinitySyntax.check(created({ podSpec: { affinity: { nodeAffinity } } }));
}

function ofTerms(nodeSelectorTerms: unknown): readonly string[] {
  return check(nodeSelectorTerms).map(({ path, message }) => `${path} ${message}`);
}

function problems(operator: unknown, values?: unknown): readonly string[] {
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'disk', operator, values }] }];
  return check(nodeSelectorTerms).map(({ path, message }) => `${path.replace(`${TERM}.`, '')} ${message}`);
}

describe('rule node-affinity-syntax', () => {
  it.each<[string, unknown, string]>([
    ['Is', ['ssd'], 'operator is "Is"; set it to In, NotIn, Exists, DoesNotExist, Gt or Lt'],
    ['In', undefined, 'values is empty; In needs at least one value'],
    ['NotIn', [], 'values is empty; NotIn needs at least one value'],
    ['Exists', ['ssd'], 'values must be left out: Exists takes no values'],
    ['DoesNotExist', ['ssd'], 'values must be left out: DoesNotExist takes no values'],
    ['Gt', [], 'values must be one number for Gt'],
    ['Lt', ['1', '2'], 'values must be one number for Lt'],
  ])('refuses %s with the values %j', (operator, values, problem) => {
    expect(problems(operator, values)).toEqual([problem]);
  });

  it.each<[unknown, unknown]>([
    ['In', ['ssd', 'nvme']],
    ['NotIn', ['hdd']],
    ['Exists', undefined],
    ['DoesNotExist', []],
    ['Gt', ['5']],
    ['Lt', ['5']],
    [7, ['what is malformed is told by another rule']],
  ])('has nothing against %s with the values %j', (operator, values) => {
    expect(problems(operator, values)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ key: 'metadata.name', operator: 'In', values: ['a', 'b'] }, 'values must be one name'],
    [{ key: 'metadata.name', operator: 'NotIn', values: [] }, 'values must be one name'],
    [
      { key: 'metadata.name', operator: 'In', values: ['A b'] },
      'values[0] is "A b", which is no name of a node',
    ],
    [{ key: 'metadata.name', operator: 'Exists' }, 'operator is "Exists"; for a field set it to In or NotIn'],
    [
      { key: 'spec.x', operator: 'In', values: ['a'] },
      'key is "spec.x"; nodes have no other field than metadata.name',
    ],
  ])('refuses the field %j', (requirement, problem) => {
    expect(ofTerms([{ matchFields: [requirement] }])).toEqual([expect.stringContaining(problem)]);
  });

  it('refuses affinity without terms, and keys that are none', () => {
    expect(ofTerms([])).toEqual([expect.stringMatching(/nodeSelectorTerms is empty/)]);
    expect(ofTerms(undefined)).toEqual([expect.stringMatching(/nodeSelectorTerms is empty/)]);
    expect(ofTerms([{ matchExpressions: [{ key: 'a b', operator: 'Exists' }] }])).toEqual([
      expect.stringContaining('key is "a b", which is no key of a label'),
    ]);
  });

  it('only warns of values that no label can have, which older API servers take', () => {
    const terms = [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['a b'] }] }];
    expect(check(terms)).toEqual([expect.objectContaining({ atMost: 'warn' })]);
  });

  it('takes the name of a node under matchFields', () => {
    expect(
      ofTerms([
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['ip-10-0-0-1.ec2.internal'] }] },
      ]),
    ).toEqual([]);
  });

  it('has nothing against a template without affinity', () => {
    expect(nodeAffinitySyntax.check(created({}))).toEqual([]);
  });
});
