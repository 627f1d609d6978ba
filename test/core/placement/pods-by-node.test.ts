import { describe, expect, it } from 'vitest';
import { hasEnded, podsByNode } from '../../../src/core/placement/pods-by-node.ts';
import { pod } from '../../builders/pod.ts';

function namesByNode(...pods: Parameters<typeof podsByNode>[0]): Record<string, readonly string[]> {
  return Object.fromEntries(
    [...podsByNode(pods)].map(([node, list]) => [node, list.map(({ name }) => name)]),
  );
}

describe('§3.1 pods by node', () => {
  it('maps bound and unbound pods to their nodes', () => {
    expect(namesByNode(pod('a', { on: 'n1' }), pod('b', { on: 'n2', bound: false }))).toEqual({
      n1: ['a'],
      n2: ['b'],
    });
  });

  it('puts the pods of a node in order, the representative first', () => {
    const pods = [
      pod('young', { on: 'n1', age: 1 }),
      pod('unbound', { on: 'n1', bound: false, age: 1000 }),
      pod('old', { on: 'n1', age: 100 }),
    ];
    expect(namesByNode(...pods)).toEqual({ n1: ['old', 'young', 'unbound'] });
  });

  it('§9.1.25 leaves out a pod that names no node', () => {
    expect(namesByNode(pod('lost'))).toEqual({});
  });
});

describe('§3.7 which pods count as there', () => {
  const phases = [
    ['Pending', false, true],
    ['Running', false, true],
    ['Unknown', false, true],
    ['Failed', false, true],
    ['Succeeded', false, true],
    ['Pending', true, true],
    ['Running', true, true],
    ['Unknown', true, true],
    ['Failed', true, false],
    ['Succeeded', true, false],
  ] as const;

  it.each(phases)('%s, terminating %s: %s', (phase, terminating, there) => {
    expect(namesByNode(pod('a', { on: 'n1', phase, terminating }))).toEqual(there ? { n1: ['a'] } : {});
  });

  it('calls Failed and Succeeded pods ended', () => {
    expect(hasEnded(pod('a', { phase: 'Failed' }))).toBe(true);
    expect(hasEnded(pod('a', { phase: 'Succeeded' }))).toBe(true);
    expect(hasEnded(pod('a', { phase: 'Running', terminating: true }))).toBe(false);
  });
});
