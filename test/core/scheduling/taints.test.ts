import { describe, expect, it } from 'vitest';
import type { Toleration } from '../../../src/api/pod.ts';
import { tolerates, untoleratedTaint } from '../../../src/core/scheduling/taints.ts';
import { taint } from '../../builders/node.ts';

type Case = { readonly toleration: Toleration; readonly taint: string; readonly tolerated: boolean };

const cases: Record<string, Case> = {
  'operator Equal asks for the same value': {
    toleration: { key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' },
    taint: 'k=v:NoSchedule',
    tolerated: true,
  },
  'operator Equal refuses another value': {
    toleration: { key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' },
    taint: 'k=w:NoSchedule',
    tolerated: false,
  },
  'no operator means Equal': {
    toleration: { key: 'k', value: 'v', effect: 'NoSchedule' },
    taint: 'k=v:NoSchedule',
    tolerated: true,
  },
  'no operator refuses another value': {
    toleration: { key: 'k', effect: 'NoSchedule' },
    taint: 'k=w:NoSchedule',
    tolerated: false,
  },
  'an absent value equals an empty one': {
    toleration: { key: 'k', operator: 'Equal', value: '', effect: 'NoSchedule' },
    taint: 'k:NoSchedule',
    tolerated: true,
  },
  'an empty operator means Equal': {
    toleration: { key: 'k', operator: '', value: 'v', effect: 'NoSchedule' },
    taint: 'k=v:NoSchedule',
    tolerated: true,
  },
  'operator Exists takes any value': {
    toleration: { key: 'k', operator: 'Exists', effect: 'NoSchedule' },
    taint: 'k=whatever:NoSchedule',
    tolerated: true,
  },
  'operator Exists refuses another key': {
    toleration: { key: 'k', operator: 'Exists', effect: 'NoSchedule' },
    taint: 'other:NoSchedule',
    tolerated: false,
  },
  'another effect is refused': {
    toleration: { key: 'k', operator: 'Exists', effect: 'NoSchedule' },
    taint: 'k:NoExecute',
    tolerated: false,
  },
  'no effect means every effect': {
    toleration: { key: 'k', operator: 'Exists' },
    taint: 'k:NoExecute',
    tolerated: true,
  },
  'an empty effect means every effect': {
    toleration: { key: 'k', operator: 'Exists', effect: '' },
    taint: 'k:NoSchedule',
    tolerated: true,
  },
  'a bare Exists tolerates everything': {
    toleration: { operator: 'Exists' },
    taint: 'any=thing:NoExecute',
    tolerated: true,
  },
  'Exists without key tolerates everything of its effect': {
    toleration: { operator: 'Exists', effect: 'NoExecute' },
    taint: 'any=thing:NoExecute',
    tolerated: true,
  },
  'Exists without key refuses other effects': {
    toleration: { operator: 'Exists', effect: 'NoExecute' },
    taint: 'any=thing:NoSchedule',
    tolerated: false,
  },
  'tolerationSeconds is not considered': {
    toleration: { key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
    taint: 'k:NoExecute',
    tolerated: true,
  },
  'Lt tolerates nothing while its feature is off': {
    toleration: { key: 'k', operator: 'Lt', value: '10', effect: 'NoSchedule' },
    taint: 'k=5:NoSchedule',
    tolerated: false,
  },
  'Gt tolerates nothing while its feature is off': {
    toleration: { key: 'k', operator: 'Gt', value: '1', effect: 'NoSchedule' },
    taint: 'k=5:NoSchedule',
    tolerated: false,
  },
};

describe('§2.2 toleration matching', () => {
  it.each(Object.entries(cases))('%s', (_, { toleration, taint: text, tolerated }) => {
    expect(tolerates(toleration, taint(text))).toBe(tolerated);
  });
});

describe('untoleratedTaint', () => {
  const taints = [taint('a:PreferNoSchedule'), taint('b:NoSchedule'), taint('c:NoExecute')];

  it('finds the first taint of the effects that nothing tolerates', () => {
    expect(untoleratedTaint(taints, [], ['NoSchedule', 'NoExecute'])).toEqual(taint('b:NoSchedule'));
  });

  it('passes over taints of other effects', () => {
    expect(untoleratedTaint(taints, [], ['NoExecute'])).toEqual(taint('c:NoExecute'));
  });

  it('passes over tolerated taints', () => {
    const tolerations = [{ key: 'b', operator: 'Exists' }];
    expect(untoleratedTaint(taints, tolerations, ['NoSchedule', 'NoExecute'])).toEqual(taint('c:NoExecute'));
  });

  it('finds nothing when each taint has its toleration', () => {
    const tolerations = [
      { key: 'c', operator: 'Exists' },
      { key: 'b', operator: 'Exists' },
    ];
    expect(untoleratedTaint(taints, tolerations, ['NoSchedule', 'NoExecute'])).toBeUndefined();
  });
});
