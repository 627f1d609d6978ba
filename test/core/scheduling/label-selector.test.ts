import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '../../../src/api/meta.ts';
import { isEmptySelector, selectorMatches } from '../../../src/core/scheduling/label-selector.ts';

const labels = { app: 'demo', tier: 'node', empty: '' };

const cases: Record<string, readonly [LabelSelector | undefined, boolean]> = {
  'an absent selector matches nothing': [undefined, false],
  'an empty selector matches nothing': [{}, false],
  'empty maps match nothing': [{ matchLabels: {}, matchExpressions: [] }, false],
  'matchLabels asks for the value': [{ matchLabels: { app: 'demo' } }, true],
  'matchLabels refuses another value': [{ matchLabels: { app: 'web' } }, false],
  'matchLabels refuses an absent label': [{ matchLabels: { other: 'demo' } }, false],
  'matchLabels finds an empty value only where the label is': [{ matchLabels: { absent: '' } }, false],
  'every pair of matchLabels must hold': [{ matchLabels: { app: 'demo', tier: 'web' } }, false],
  'no inherited property is taken for a label': [
    { matchExpressions: [{ key: 'toString', operator: 'Exists' }] },
    false,
  ],
  'In finds one of the values': [expression('app', 'In', ['web', 'demo']), true],
  'In refuses other values': [expression('app', 'In', ['web']), false],
  'In refuses an absent label': [expression('absent', 'In', ['demo']), false],
  'NotIn refuses the value': [expression('app', 'NotIn', ['demo']), false],
  'NotIn takes another value': [expression('app', 'NotIn', ['web']), true],
  'NotIn takes an absent label': [expression('absent', 'NotIn', ['web']), true],
  'Exists takes an empty value': [expression('empty', 'Exists'), true],
  'Exists refuses an absent label': [expression('absent', 'Exists'), false],
  'DoesNotExist refuses a label that is there': [expression('empty', 'DoesNotExist'), false],
  'DoesNotExist takes an absent label': [expression('absent', 'DoesNotExist'), true],
  'an unknown operator matches nothing': [expression('app', 'Gt', ['1']), false],
  'matchLabels and matchExpressions must both hold': [
    { matchLabels: { app: 'demo' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }] },
    false,
  ],
};

function expression(key: string, operator: string, values?: readonly string[]): LabelSelector {
  return { matchExpressions: [values ? { key, operator, values } : { key, operator }] };
}

describe('label selector', () => {
  it.each(Object.entries(cases))('%s', (_, [selector, expected]) => {
    expect(selectorMatches(selector, labels)).toBe(expected);
  });

  it('§0 step 5 is empty when absent, without members or with empty members', () => {
    expect(isEmptySelector(undefined)).toBe(true);
    expect(isEmptySelector({})).toBe(true);
    expect(isEmptySelector({ matchLabels: {}, matchExpressions: [] })).toBe(true);
  });

  it('is not empty with a label or an expression', () => {
    expect(isEmptySelector({ matchLabels: { app: 'demo' } })).toBe(false);
    expect(isEmptySelector(expression('app', 'Exists'))).toBe(false);
  });
});
