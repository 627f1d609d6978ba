import { describe, expect, it } from 'vitest';
import { isPodUpdated, templateGenerationOf } from '../../../src/core/rollout/pod-updated.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { pod } from '../../builders/pod.ts';

describe('§5.3 updated-ness (TestIsPodUpdated)', () => {
  type Case = { hash: string | null; templateGeneration?: string; of: [string, string?]; updated: boolean };
  // `of`: hash and template generation of the current revision.
  const cases: Record<string, Case> = {
    'hash and generation match': { hash: 'h', templateGeneration: '5', of: ['h', '5'], updated: true },
    'only the hash matches': { hash: 'h', templateGeneration: '4', of: ['h', '5'], updated: true },
    'only the generation matches': { hash: 'x', templateGeneration: '5', of: ['h', '5'], updated: true },
    'neither matches': { hash: 'x', templateGeneration: '4', of: ['h', '5'], updated: false },
    'the hash matches, no generation label': { hash: 'h', of: ['h', '5'], updated: true },
    'the generation matches, no hash label': {
      hash: null,
      templateGeneration: '5',
      of: ['h', '5'],
      updated: true,
    },
    'no label at all': { hash: null, of: ['h', '5'], updated: false },
    'no generation known, the hash matches': { hash: 'h', of: ['h'], updated: true },
    'no generation known and none on the pod': { hash: 'x', of: ['h'], updated: false },
    'no generation known, one on the pod': { hash: 'x', templateGeneration: '5', of: ['h'], updated: false },
    'an empty hash matches no pod without the label': { hash: null, of: [''], updated: false },
    'an empty hash matches no pod with an empty label': { hash: '', of: [''], updated: false },
    'an empty hash leaves the generation to decide': {
      hash: '',
      templateGeneration: '5',
      of: ['', '5'],
      updated: true,
    },
  };

  it.each(Object.entries(cases))('%s', (_, { of: [hash, templateGeneration], updated, ...labels }) => {
    expect(isPodUpdated(pod('p1', labels), { hash, templateGeneration })).toBe(updated);
  });
});

describe('§3.3 template generation', () => {
  const table: readonly (readonly [string, string | undefined])[] = [
    ['7', '7'],
    ['0', '0'],
    ['007', '7'],
    ['+7', '7'],
    ['', undefined],
    ['seven', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    [' 7', undefined],
  ];

  it.each(table)('of the annotation %j is %s', (text, expected) => {
    const annotations = { 'deprecated.daemonset.template.generation': text };
    expect(templateGenerationOf(daemonSet({ annotations }))).toBe(expected);
  });

  it('is unknown without the annotation', () => {
    expect(templateGenerationOf(daemonSet())).toBeUndefined();
    expect(templateGenerationOf(daemonSet({ annotations: {} }))).toBeUndefined();
  });
});
