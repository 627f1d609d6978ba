import { describe, expect, it } from 'vitest';
import { selectorMatchesTemplate } from '../../../../src/core/admission/rules/selector-matches-template.ts';
import { created, type Parts, updated } from './daemonset-change.ts';

const by = (key: string, operator: string, ...values: readonly string[]): object => ({
  matchExpressions: [{ key, operator, values }],
});

describe('rule selector-matches-template', () => {
  const refused: Record<string, [parts: Parts, requires: string, has: string]> = {
    'another value': [
      { selector: { matchLabels: { app: 'a' } }, labels: { app: 'b' } },
      'the selector requires "app=a"',
      'the template has "app=b"',
    ],
    'a missing label': [
      { selector: { matchLabels: { app: 'a' } }, labels: {} },
      'the selector requires "app=a"',
      'no label "app"',
    ],
    'a template without labels': [
      { selector: { matchLabels: { app: 'a' } }, labels: undefined },
      'the selector requires "app=a"',
      'no label "app"',
    ],
    'a value outside the list': [
      { selector: by('tier', 'In', 'x', 'y'), labels: { tier: 'z' } },
      'requires "tier in (x,y)"',
      'has "tier=z"',
    ],
    'an excluded value': [
      { selector: by('tier', 'NotIn', 'z'), labels: { tier: 'z' } },
      'requires "tier notin (z)"',
      'has "tier=z"',
    ],
    'a key that must exist': [
      { selector: by('tier', 'Exists'), labels: {} },
      'requires "tier"',
      'no label "tier"',
    ],
    'a key that must not exist': [
      { selector: by('tier', 'DoesNotExist'), labels: { tier: '' } },
      'requires "!tier"',
      'has "tier="',
    ],
    'a label named like a method of every object': [
      { selector: { matchLabels: { constructor: 'a' } }, labels: {} },
      'requires "constructor=a"',
      'no label "constructor"',
    ],
  };

  it.each(Object.entries(refused))(
    'refuses %s and says what is not met by what',
    (_, [parts, requires, has]) => {
      const [problem, ...more] = selectorMatchesTemplate.check(created(parts));
      expect(more).toEqual([]);
      expect(problem?.path).toBe('spec.template.metadata.labels');
      expect(problem?.message).toContain(requires);
      expect(problem?.message).toContain(has);
      expect(problem?.message).toContain('Change the labels or the selector');
    },
  );

  it('lists every requirement that is not met, up to five', () => {
    const matchLabels = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key) => [key, '1']));
    const [problem] = selectorMatchesTemplate.check(
      created({ selector: { matchLabels }, labels: { a: '1' } }),
    );
    expect(problem?.message.match(/the selector requires/g)).toHaveLength(5);
    expect(problem?.message).toContain('1 more');
    expect(problem?.message).not.toContain('"a=1"');
  });

  it('advises to change the labels, not the selector, once the DaemonSet exists', () => {
    const selector = { matchLabels: { app: 'a' } };
    const [problem] = selectorMatchesTemplate.check(
      updated({ selector, labels: { app: 'a' } }, { selector, labels: { app: 'b' } }),
    );
    expect(problem?.message).toContain('the selector itself cannot change');
  });

  const passed: Record<string, Parts> = {
    'labels beyond the selector': { selector: { matchLabels: { a: '1' } }, labels: { a: '1', b: '2' } },
    'every operator satisfied': {
      selector: {
        matchExpressions: [
          { key: 'a', operator: 'In', values: ['1'] },
          { key: 'b', operator: 'NotIn', values: ['1'] },
          { key: 'a', operator: 'Exists' },
          { key: 'c', operator: 'DoesNotExist' },
        ],
      },
      labels: { a: '1' },
    },
    'an empty selector, which has a rule of its own': { selector: {}, labels: { a: '1' } },
    'no selector, which has a rule of its own': { labels: { a: '1' } },
    'an unknown operator, which the API server explains': { selector: by('a', 'Near', '1'), labels: {} },
    'an operator without the values that it needs': { selector: by('a', 'In'), labels: {} },
    'an operator with values that it does not take': { selector: by('a', 'Exists', '1'), labels: {} },
    'an operator named like a method of every object': { selector: by('a', 'constructor', '1'), labels: {} },
    'labels that are not strings': { selector: { matchLabels: { a: '1' } }, labels: { a: 1 } },
    'labels that are not an object': { selector: { matchLabels: { a: '1' } }, labels: ['a'] },
    'a selector that is not an object': { selector: 5, labels: {} },
  };

  it.each(Object.entries(passed))('has nothing against %s', (_, parts) => {
    expect(selectorMatchesTemplate.check(created(parts))).toEqual([]);
  });
});
