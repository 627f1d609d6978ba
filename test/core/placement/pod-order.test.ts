import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../../src/api/pod.ts';
import { comparePods } from '../../../src/core/placement/pod-order.ts';
import { pod } from '../../builders/pod.ts';

function inOrder(...pods: readonly PodRecord[]): readonly string[] {
  return pods.toSorted(comparePods).map(({ name }) => name);
}

describe('§3.1 sort order', () => {
  it('puts bound pods before unbound ones, however old', () => {
    expect(
      inOrder(pod('unbound', { on: 'n1', bound: false, age: 100 }), pod('bound', { on: 'n1', age: 1 })),
    ).toEqual(['bound', 'unbound']);
  });

  it('puts the older first', () => {
    expect(inOrder(pod('young', { on: 'n1', age: 1 }), pod('old', { on: 'n1', age: 100 }))).toEqual([
      'old',
      'young',
    ]);
  });

  it('decides by name at the same age', () => {
    expect(inOrder(pod('b', { on: 'n1' }), pod('c', { on: 'n1' }), pod('a', { on: 'n1' }))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('does not look at phase or readiness', () => {
    const broken = pod('broken', { on: 'n1', age: 100, ready: false, phase: 'Failed' });
    expect(inOrder(pod('ready', { on: 'n1', age: 1 }), broken)).toEqual(['broken', 'ready']);
  });

  it('finds a pod equal to itself', () => {
    expect(comparePods(pod('a', { on: 'n1' }), pod('a', { on: 'n1' }))).toBe(0);
  });
});
