import { describe, expect, it } from 'vitest';
import { selectorSyntax } from '../../../../src/core/admission/rules/selector-syntax.ts';
import { created } from './daemonset-change.ts';

const paths = (selector: unknown): readonly string[] =>
  selectorSyntax.check(created({ selector })).map(({ path }) => path.replace('spec.selector.', ''));
const expression = (key: unknown, operator: unknown, values?: unknown): object => ({
  matchExpressions: [{ key, operator, values }],
});
const LONG = 'a'.repeat(64);

describe('rule selector-syntax', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['a key with a space', { matchLabels: { 'a b': 'x' } }, ['matchLabels']],
    ['an empty key', { matchLabels: { '': 'x' } }, ['matchLabels']],
    ['two slashes', { matchLabels: { 'a/b/c': 'x' } }, ['matchLabels']],
    ['a domain with capitals', { matchLabels: { 'A.io/b': 'x' } }, ['matchLabels']],
    ['a value that ends in a dash', { matchLabels: { app: 'x-' } }, ['matchLabels[app]']],
    ['a value that is too long', { matchLabels: { app: LONG } }, ['matchLabels[app]']],
    ['an unknown operator', expression('app', 'Is', ['x']), ['matchExpressions[0].operator']],
    ['In without values', expression('app', 'In'), ['matchExpressions[0].values']],
    ['NotIn without values', expression('app', 'NotIn', []), ['matchExpressions[0].values']],
    ['Exists with values', expression('app', 'Exists', ['x']), ['matchExpressions[0].values']],
    ['a bad value', expression('app', 'In', ['ok', '-']), ['matchExpressions[0].values[1]']],
    ['a bad key of an expression', expression(LONG, 'Exists'), ['matchExpressions[0].key']],
  ])('refuses %s', (_, selector, expected) => {
    expect(paths(selector)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['labels as they are used', { matchLabels: { 'app.kubernetes.io/name': 'Log_1.2', tier: '' } }],
    [
      'every operator',
      {
        matchExpressions: [
          { key: 'a', operator: 'In', values: [''] },
          { key: 'b', operator: 'NotIn', values: ['x'] },
          { key: 'c', operator: 'Exists' },
          { key: 'd', operator: 'DoesNotExist', values: [] },
        ],
      },
    ],
    ['no selector', undefined],
    ['what is malformed', { matchLabels: { app: 7 } }],
  ])('has nothing against %s', (_, selector) => {
    expect(paths(selector)).toEqual([]);
  });

  it('leaves updates alone: the API server tolerates bad values that are stored', () => {
    expect(selectorSyntax.operations).toEqual(['CREATE']);
  });
});
