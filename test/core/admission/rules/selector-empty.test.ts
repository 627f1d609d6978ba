import { describe, expect, it } from 'vitest';
import { selectorEmpty } from '../../../../src/core/admission/rules/selector-empty.ts';
import { created } from './daemonset-change.ts';

describe('rule selector-empty', () => {
  const refused: Record<string, [selector: unknown, word: string]> = {
    'no selector': [undefined, 'is missing'],
    'a null selector': [null, 'is missing'],
    'an empty selector': [{}, 'is empty'],
    'empty lists of requirements': [{ matchLabels: {}, matchExpressions: [] }, 'is empty'],
    'null lists of requirements': [{ matchLabels: null, matchExpressions: null }, 'is empty'],
  };

  it.each(Object.entries(refused))('refuses %s', (_, [selector, word]) => {
    const [problem, ...more] = selectorEmpty.check(created({ selector, labels: { app: 'agent' } }));
    expect(more).toEqual([]);
    expect(problem?.path).toBe('spec.selector');
    expect(problem?.message).toContain(word);
    expect(problem?.message).toContain('such as "app=agent"');
  });

  it('names no example where the template has no labels to take it from', () => {
    for (const labels of [undefined, {}, 5]) {
      const [problem] = selectorEmpty.check(created({ selector: {}, labels }));
      expect(problem?.message).toMatch(/carries$/);
    }
  });

  const passed: Record<string, unknown> = {
    'a selector by label': { matchLabels: { app: 'agent' } },
    'a selector by expression': { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
    'a selector that is not an object': 'app=agent',
    'labels that are not strings': { matchLabels: { app: 1 } },
    'expressions that are not a list': { matchExpressions: {} },
  };

  it.each(Object.entries(passed))('has nothing against %s', (_, selector) => {
    expect(selectorEmpty.check(created({ selector, labels: { app: 'agent' } }))).toEqual([]);
  });
});
