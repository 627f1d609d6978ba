import { describe, expect, it } from 'vitest';
import { leftBehind } from '../../../src/core/admission/left-behind.ts';
import { clusterOf } from '../../builders/cluster-view.ts';
import { pod, type PodOverrides } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

const NEW_SELECTOR = { matchLabels: { app: 'new' } };
const DEMO = { namespace: 'default', name: 'demo' };

function podsLeft(name: string, overrides: PodOverrides = {}, of = DEMO): readonly string[] {
  const cluster = clusterOf({ pods: [pod(name, { owner: 'nobody', ...overrides })] });
  return leftBehind(cluster, of, NEW_SELECTOR).pods;
}

describe('leftBehind', () => {
  it('finds orphans that carry the name and that the selector does not match', () => {
    const cluster = clusterOf({
      pods: [pod('demo-b', { owner: 'nobody' }), pod('demo-a', { owner: 'nobody' })],
      revisions: [revision('x', { owner: 'nobody' }), revision('y')],
    });
    expect(leftBehind(cluster, DEMO, NEW_SELECTOR)).toEqual({
      pods: ['demo-a', 'demo-b'],
      revisions: ['demo-x'],
    });
    expect(leftBehind(cluster, DEMO, { matchLabels: { app: 'demo' } })).toEqual({ pods: [], revisions: [] });
  });

  it.each<[string, string, PodOverrides]>([
    ['pods that something controls', 'demo-a', { owner: 'other' }],
    ['pods of a longer name', 'demo-extra-a', {}],
    ['pods of a shorter name', 'dem-a', {}],
    ['pods that carry no revision', 'demo-a', { hash: null }],
    ['pods that are going', 'demo-a', { terminating: true }],
  ])('passes over %s', (_, name, overrides) => {
    expect(podsLeft(name, overrides)).toEqual([]);
  });

  it('knows that the API server cuts long names', () => {
    const name = 'a'.repeat(70);
    expect(podsLeft(`${'a'.repeat(58)}x7k2p`, {}, { ...DEMO, name })).toHaveLength(1);
  });
});
