import { describe, expect, it } from 'vitest';
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../../src/api/pod.ts';
import { compileNodeSelector } from '../../../src/core/scheduling/node-affinity.ts';
import { node } from '../../builders/node.ts';

const n1 = node('n1', { labels: { zone: 'a', cpus: '8', empty: '' } });

function matches(...nodeSelectorTerms: readonly NodeSelectorTerm[]): boolean {
  return compileNodeSelector({ nodeSelectorTerms })(n1);
}

function expression(key: string, operator: string, ...values: readonly string[]): NodeSelectorTerm {
  return { matchExpressions: [requirement(key, operator, ...values)] };
}

function requirement(key: string, operator: string, ...values: readonly string[]): NodeSelectorRequirement {
  return values.length > 0 ? { key, operator, values } : { key, operator };
}

describe('§2.2 operators over labels', () => {
  const table: readonly (readonly [string, readonly string[], boolean])[] = [
    ['zone In', ['a', 'b'], true],
    ['zone In', ['b'], false],
    ['absent In', ['a'], false],
    ['empty In', [''], true],
    ['absent In', [''], false],
    ['zone NotIn', ['b'], true],
    ['zone NotIn', ['a', 'b'], false],
    ['absent NotIn', ['a'], true],
    ['empty NotIn', [''], false],
    ['absent NotIn', [''], true],
    ['zone Exists', [], true],
    ['empty Exists', [], true],
    ['absent Exists', [], false],
    ['zone DoesNotExist', [], false],
    ['absent DoesNotExist', [], true],
    ['cpus Gt', ['7'], true],
    ['cpus Gt', ['8'], false],
    ['cpus Lt', ['9'], true],
    ['cpus Lt', ['8'], false],
    ['absent Gt', ['1'], false],
    ['absent Lt', ['1'], false],
    ['zone Gt', ['1'], false],
    ['zone Lt', ['1'], false],
    ['toString Exists', [], false],
    ['constructor DoesNotExist', [], true],
  ];

  it.each(table)('%s %j: %s', (head, values, expected) => {
    const [key = '', operator = ''] = head.split(' ');
    expect(matches(expression(key, operator, ...values))).toBe(expected);
  });
});

describe('§2.2 Gt and Lt compare 64-bit integers', () => {
  const big = node('n1', {
    labels: { max: '9223372036854775807', over: '9223372036854775808', half: '1.5' },
  });
  const compares = (key: string, operator: string, bound: string): boolean =>
    compileNodeSelector({ nodeSelectorTerms: [expression(key, operator, bound)] })(big);

  it('tells numbers apart that a double cannot', () => {
    expect(compares('max', 'Gt', '9223372036854775806')).toBe(true);
    expect(compares('max', 'Gt', '9223372036854775807')).toBe(false);
    expect(compares('max', 'Lt', '9223372036854775807')).toBe(false);
  });

  it('takes a label beyond 64 bits for no number', () => {
    expect(compares('over', 'Gt', '1')).toBe(false);
  });

  it('takes a bound beyond 64 bits for malformed', () => {
    expect(compares('max', 'Lt', '9223372036854775808')).toBe(false);
  });

  it('takes a fraction for no number', () => {
    expect(compares('half', 'Gt', '1')).toBe(false);
    expect(compares('max', 'Gt', '1.5')).toBe(false);
  });
});

describe('§2.2 a malformed requirement makes its term match nothing', () => {
  // Paired with a requirement that holds, so that only the malformed one can refuse.
  const malformed: Record<string, NodeSelectorRequirement> = {
    'In without values': requirement('zone', 'In'),
    'NotIn without values': requirement('absent', 'NotIn'),
    'Exists with values': requirement('zone', 'Exists', 'a'),
    'DoesNotExist with values': requirement('absent', 'DoesNotExist', 'a'),
    'Gt without a value': requirement('cpus', 'Gt'),
    'Gt with two values': requirement('cpus', 'Gt', '1', '2'),
    'Lt with a word': requirement('cpus', 'Lt', 'many'),
    'an unknown operator': requirement('zone', 'Like', 'a'),
    'an operator in lower case': requirement('zone', 'in', 'a'),
    'a value that is no label value': requirement('zone', 'NotIn', 'not a label'),
    'a value of more than 63 characters': requirement('zone', 'NotIn', 'x'.repeat(64)),
  };

  it.each(Object.entries(malformed))('%s', (_, bad) => {
    expect(matches({ matchExpressions: [requirement('zone', 'Exists'), bad] })).toBe(false);
  });

  it.each(Object.entries(malformed))('%s: another term may still match', (_, bad) => {
    expect(matches({ matchExpressions: [bad] }, expression('zone', 'In', 'a'))).toBe(true);
  });
});

function field(operator: string, ...values: readonly string[]): NodeSelectorTerm {
  return { matchFields: [requirement('metadata.name', operator, ...values)] };
}

describe('§2.2 matchFields knows only metadata.name', () => {
  const table: readonly (readonly [string, readonly string[], boolean])[] = [
    ['In', ['n1'], true],
    ['In', ['n2'], false],
    ['NotIn', ['n1'], false],
    ['NotIn', ['n2'], true],
    ['In', ['n1', 'n2'], false],
    ['NotIn', ['n2', 'n3'], false],
    ['In', [], false],
    ['NotIn', [], false],
    ['Exists', [], false],
    ['Gt', ['n0'], false],
  ];

  it.each(table)('metadata.name %s %j: %s', (operator, values, expected) => {
    expect(matches(field(operator, ...values))).toBe(expected);
  });

  it('finds no other field on a node', () => {
    expect(matches({ matchFields: [requirement('spec.unschedulable', 'In', 'n1')] })).toBe(false);
  });

  it('does not look at labels', () => {
    const named = node('n1', { labels: { 'metadata.name': 'other' } });
    expect(compileNodeSelector({ nodeSelectorTerms: [field('In', 'n1')] })(named)).toBe(true);
    expect(compileNodeSelector({ nodeSelectorTerms: [field('In', 'other')] })(named)).toBe(false);
  });
});

describe('§2.2 terms', () => {
  it('ORs the terms', () => {
    expect(matches(expression('zone', 'In', 'b'), expression('zone', 'In', 'a'))).toBe(true);
  });

  it('ANDs the expressions of a term', () => {
    const holds = requirement('zone', 'In', 'a');
    expect(matches({ matchExpressions: [holds, requirement('cpus', 'In', '8')] })).toBe(true);
    expect(matches({ matchExpressions: [holds, requirement('cpus', 'In', '4')] })).toBe(false);
  });

  it('ANDs expressions and fields', () => {
    const matchFields = [requirement('metadata.name', 'In', 'n1')];
    expect(matches({ matchExpressions: [requirement('zone', 'In', 'a')], matchFields })).toBe(true);
    expect(matches({ matchExpressions: [requirement('zone', 'In', 'b')], matchFields })).toBe(false);
  });

  it('never matches an empty term', () => {
    expect(matches({})).toBe(false);
    expect(matches({ matchExpressions: [], matchFields: [] })).toBe(false);
    expect(matches({}, expression('zone', 'In', 'a'))).toBe(true);
  });

  it('matches nothing without terms', () => {
    expect(matches()).toBe(false);
    expect(compileNodeSelector({})(n1)).toBe(false);
  });
});
