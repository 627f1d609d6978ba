import { describe, expect, it } from 'vitest';
import { formatSelector } from '../../../src/core/scheduling/format-selector.ts';

describe('formatSelector', () => {
  it('writes matchLabels as pairs in sorted order', () => {
    expect(formatSelector({ matchLabels: { tier: 'node', app: 'demo' } })).toBe('app=demo,tier=node');
  });

  it('writes each operator as kubectl -l does', () => {
    const matchExpressions = [
      { key: 'a', operator: 'In', values: ['y', 'x'] },
      { key: 'b', operator: 'NotIn', values: ['z'] },
      { key: 'c', operator: 'Exists' },
      { key: 'd', operator: 'DoesNotExist' },
    ];
    expect(formatSelector({ matchLabels: { app: 'demo' }, matchExpressions })).toBe(
      '!d,a in (x,y),app=demo,b notin (z),c',
    );
  });

  it('shows an operator that the API does not know, so that a message can quote it', () => {
    expect(formatSelector({ matchExpressions: [{ key: 'a', operator: 'Like', values: ['x'] }] })).toBe(
      'a Like (x)',
    );
  });

  it('is empty for an absent or empty selector', () => {
    expect(formatSelector(undefined)).toBe('');
    expect(formatSelector({})).toBe('');
  });
});
