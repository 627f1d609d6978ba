import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../../src/api/pod.ts';
import { findUpdatedPods } from '../../../src/core/rollout/node-pods.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';

const newPod = (name: string, overrides: PodOverrides = {}): PodRecord =>
  pod(name, { on: 'n1', ...overrides });
const oldPod = (name: string, overrides: PodOverrides = {}): PodRecord =>
  newPod(name, { hash: 'old', ...overrides });

function classify(...pods: readonly PodRecord[]): string {
  const found = findUpdatedPods(pods, { hash: 'new', templateGeneration: '2' });
  if (found.excess) return 'excess';
  return `new: ${found.newPod?.name ?? '-'}, old: ${found.oldPod?.name ?? '-'}`;
}

describe('§5.4 per-node classification', () => {
  const cases: Record<string, readonly [readonly PodRecord[], string]> = {
    'no pods': [[], 'new: -, old: -'],
    'one new': [[newPod('a')], 'new: a, old: -'],
    'one old': [[oldPod('a')], 'new: -, old: a'],
    'one of each': [[oldPod('a'), newPod('b')], 'new: b, old: a'],
    'two new are excess': [[newPod('a'), newPod('b')], 'excess'],
    'two old are excess': [[oldPod('a'), oldPod('b')], 'excess'],
    'terminating pods are passed over': [
      [newPod('a', { terminating: true }), oldPod('b', { terminating: true })],
      'new: -, old: -',
    ],
    'terminating pods are no excess': [[oldPod('a', { terminating: true }), oldPod('b')], 'new: -, old: b'],
    'failed pods take part': [[oldPod('a', { phase: 'Failed' })], 'new: -, old: a'],
    'the generation label makes a pod new': [[oldPod('a', { templateGeneration: '2' })], 'new: a, old: -'],
    'a pod without labels is old': [[newPod('a', { hash: null })], 'new: -, old: a'],
  };

  it.each(Object.entries(cases))('%s', (_, [pods, expected]) => {
    expect(classify(...pods)).toBe(expected);
  });
});
