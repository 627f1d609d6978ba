import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutMiddle,
  labelTitle,
  matches,
  shortLabel,
  shortState,
  spacedWords,
  splitName,
  withoutSharedDomain,
} from '../../../src/dashboard/page/text.ts';

it('finds all words of a filter, in any order and case', () => {
  expect(matches('kube-system/Fluentd', 'FLUENT kube')).toBe(true);
  expect(matches('kube-system/fluentd', 'fluent x')).toBe(false);
  expect(matches('anything', '  ')).toBe(true);
});

describe('a name that is too long', () => {
  it('keeps both ends', () => {
    expect(cutMiddle('ip-10-0-12-34', 9)).toBe('ip-1…2-34');
  });

  it('fits, and is left alone where it does already', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (name, most) => {
        const cut = cutMiddle(name, most);
        expect(Array.from(cut).length).toBeLessThanOrEqual(most);
        if (Array.from(name).length <= most) expect(cut).toBe(name);
      }),
    );
  });
});

describe('the domain of node names', () => {
  it.each([
    [
      ['a.x.y', 'b.x.y'],
      ['a', 'b'],
    ],
    [
      ['a.x.y', 'b.x.z'],
      ['a.x.y', 'b.x.z'],
    ],
    [['a.x.y'], ['a.x.y']],
    [
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.1', '10.0.0.2'],
    ],
    [
      ['node-1', 'node-2'],
      ['node-1', 'node-2'],
    ],
    [[], []],
  ])('of %j leaves %j', (names, left) => {
    expect(names.map(withoutSharedDomain(names))).toEqual(left);
  });
});

it('writes states as words', () => {
  expect(spacedWords('RolloutInProgress')).toBe('rollout in progress');
  expect(spacedWords('OnDelete')).toBe('on delete');
  expect(shortState('RolloutComplete')).toBe('complete');
  expect(shortState('NodesInTrouble')).toBe('nodes in trouble');
});

it('calls labels what people call them', () => {
  expect(labelTitle('topology.kubernetes.io/zone')).toBe('zone (topology.kubernetes.io/zone)');
  expect(labelTitle('team')).toBe('team');
  expect(shortLabel('karpenter.sh/nodepool')).toBe('nodepool');
});

it('splits namespace and name', () => {
  expect(splitName('a/b')).toEqual(['a', 'b']);
});
