import { describe, expect, it } from 'vitest';
import { isPodUpdated, templateGenerationOf } from '../../../src/core/rollout/pod-updated.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { pod } from '../../builders/pod.ts';

describe('§5.3 updated-ness (TestIsPodUpdated)', () => {
  type Row = readonly [string, string | undefined, string | null, string | undefined, string, boolean];
  const table: readonly Row[] = [
    // name, generation wanted, hash label, generation label, hash wanted, updated
    ['hash and generation match', '5', 'h', '5', 'h', true],
    ['only the hash matches', '5', 'h', '4', 'h', true],
    ['only the generation matches', '5', 'other', '5', 'h', true],
    ['neither matches', '5', 'other', '4', 'h', false],
    ['the hash matches, no generation label', '5', 'h', undefined, 'h', true],
    ['the generation matches, no hash label', '5', null, '5', 'h', true],
    ['no label at all', '5', null, undefined, 'h', false],
    ['no generation wanted, the hash matches', undefined, 'h', undefined, 'h', true],
    ['no generation wanted and none on the pod', undefined, 'other', undefined, 'h', false],
    ['no generation wanted, one on the pod', undefined, 'other', '5', 'h', false],
    ['an empty hash matches no pod without the label', undefined, null, undefined, '', false],
    ['an empty hash matches no pod with an empty label', undefined, '', undefined, '', false],
    ['an empty hash leaves the generation to decide', '5', '', '5', '', true],
  ];

  it.each(table)('%s', (_, templateGeneration, hash, label, wanted, expected) => {
    const p1 = pod('p1', { hash, ...(label !== undefined && { templateGeneration: label }) });
    expect(isPodUpdated(p1, { hash: wanted, templateGeneration })).toBe(expected);
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
