import { describe, expect, it } from 'vitest';
import { nodeAffinitySyntax } from '../../../../src/core/admission/rules/node-affinity-syntax.ts';
import { created } from './daemonset-change.ts';

const TERM =
  'spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0]';

function problems(operator: unknown, values?: unknown): readonly string[] {
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'disk', operator, values }] }];
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return nodeAffinitySyntax
    .check(created({ podSpec: { affinity: { nodeAffinity } } }))
    .map(({ path, message }) => `${path.replace(`${TERM}.`, '')} ${message}`);
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

  it('has nothing against a template without affinity', () => {
    expect(nodeAffinitySyntax.check(created({}))).toEqual([]);
  });
});
