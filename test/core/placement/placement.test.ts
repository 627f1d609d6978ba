import { describe, expect, it } from 'vitest';
import type { StringMap } from '../../../src/api/meta.ts';
import type { PodSpec } from '../../../src/api/pod.ts';
import { placementOf } from '../../../src/core/placement/placement.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import { podRecord } from '../../../src/core/records/records.ts';
import { NOW } from '../../builders/clock.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node } from '../../builders/node.ts';
import { planFor } from '../../builders/plan.ts';

const direct = { 'everynode.dev/placement': 'direct' };
const byScheduler = { 'everynode.dev/placement': 'scheduler' };

describe('the placement', () => {
  it.each<[string, StringMap | undefined, 'scheduler' | 'direct', string]>([
    ['is the cluster’s without an annotation', undefined, 'scheduler', 'scheduler'],
    ['is the cluster’s without an annotation', undefined, 'direct', 'direct'],
    ['is the annotation’s', direct, 'scheduler', 'direct'],
    ['is the annotation’s', byScheduler, 'direct', 'scheduler'],
    [
      'is the cluster’s where the annotation says something else',
      { 'everynode.dev/placement': 'Direct' },
      'scheduler',
      'scheduler',
    ],
  ])('%s: %o in a cluster with %s', (_, annotations, cluster, expected) => {
    expect(placementOf(daemonSet(annotations ? { annotations } : {}), cluster)).toBe(expected);
  });

  it.each<[string, PodSpec]>([
    ['scheduling gates', { schedulingGates: [{ name: 'wait' }] }],
    ['resource claims', { resourceClaims: [{ name: 'gpu' }] }],
  ])('is the scheduler’s for a template with %s', (_, podSpec) => {
    expect(placementOf(daemonSet({ annotations: direct, podSpec }), 'direct')).toBe('scheduler');
  });
});

describe('a pod that is placed directly', () => {
  const manifestOn = (annotations: StringMap): unknown =>
    planFor({ daemonSet: daemonSet({ annotations }), nodes: [node('n1')] }, NOW, DEFAULT_POLICY).createPods[0]
      ?.manifest;

  it('is bound to its node, and pinned as well', () => {
    expect(manifestOn(direct)).toMatchObject({ spec: { nodeName: 'n1' } });
    const { spec } = manifestOn(direct) as { spec: PodSpec };
    const metadata = { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
    expect(podRecord({ metadata, spec: { ...spec, nodeName: '' } }).targetNode).toBe('n1');
  });

  it('differs in nothing else', () => {
    const { spec: placed, ...pod } = manifestOn(direct) as { spec: PodSpec };
    const { nodeName: _, ...spec } = placed;
    expect({ ...pod, spec }).toEqual(manifestOn(byScheduler));
  });
});
