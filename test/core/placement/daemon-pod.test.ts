import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../src/api/daemonset.ts';
import type { PodManifest } from '../../../src/api/pod.ts';
import { newDaemonPod } from '../../../src/core/placement/daemon-pod.ts';
import type { UpdateRevision } from '../../../src/core/rollout/pod-updated.ts';
import { DEMO_UID, type DaemonSetOverrides, daemonSet } from '../../builders/daemonset.ts';

function made(set: DaemonSet, revision: UpdateRevision): PodManifest {
  return newDaemonPod(set, set.spec.template.spec ?? {}, { node: 'n1', revision });
}

function podOf(overrides: DaemonSetOverrides = {}, templateGeneration?: string): PodManifest {
  return made(daemonSet(overrides), { hash: 'new', templateGeneration });
}

describe('§3.3 the created pod', () => {
  it('is owned by exactly one controller, the DaemonSet', () => {
    expect(podOf().metadata.ownerReferences).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        name: 'demo',
        uid: DEMO_UID,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
  });

  it('lives in the namespace of the DaemonSet under a generated name', () => {
    const { metadata } = podOf();
    expect(metadata).toMatchObject({ namespace: 'default', generateName: 'demo-' });
    expect(metadata).not.toHaveProperty('name');
  });

  it('§9.1.15 generates a name from one with dots', () => {
    expect(podOf({ name: 'demo.example.com' }).metadata.generateName).toBe('demo.example.com-');
  });

  it.each([
    [252, '-'],
    [253, ''],
  ])('§9.1.15 generates a name from one of %d characters with %j behind it', (length, suffix) => {
    const name = 'd'.repeat(length);
    expect(podOf({ name }).metadata.generateName).toBe(`${name}${suffix}`);
  });

  it('carries the labels of the template and the hash', () => {
    expect(podOf({ templateMetadata: { labels: { app: 'demo', tier: 'node' } } }).metadata.labels).toEqual({
      app: 'demo',
      tier: 'node',
      'controller-revision-hash': 'new',
    });
  });

  it('carries the template generation where it is known', () => {
    expect(podOf({}, '7').metadata.labels).toEqual({
      app: 'demo',
      'controller-revision-hash': 'new',
      'pod-template-generation': '7',
    });
  });

  it('puts its own labels over those of the template', () => {
    const labels = { app: 'demo', 'controller-revision-hash': 'forged', 'pod-template-generation': '99' };
    expect(podOf({ templateMetadata: { labels } }, '7').metadata.labels).toEqual({
      app: 'demo',
      'controller-revision-hash': 'new',
      'pod-template-generation': '7',
    });
  });

  it('carries no hash label when the hash is empty', () => {
    const { labels } = made(daemonSet(), { hash: '', templateGeneration: undefined }).metadata;
    expect(labels).toEqual({ app: 'demo' });
  });

  it('copies annotations and finalizers of the template, not those of the DaemonSet', () => {
    const templateMetadata = { labels: { app: 'demo' }, annotations: { k: 'v' }, finalizers: ['a/b'] };
    const { metadata } = podOf({ templateMetadata, annotations: { 'kubernetes.io/change-cause': 'x' } });
    expect(metadata.annotations).toEqual({ k: 'v' });
    expect(metadata.finalizers).toEqual(['a/b']);
  });

  it('has no annotations of its own', () => {
    expect(podOf({ annotations: { k: 'v' } }).metadata).not.toHaveProperty('annotations');
    expect(podOf().metadata).not.toHaveProperty('finalizers');
  });

  it('ignores name, namespace, generateName and owners of the template', () => {
    const forged = {
      labels: { app: 'demo' },
      name: 'x',
      namespace: 'y',
      generateName: 'z',
      ownerReferences: [],
    };
    expect(podOf({ templateMetadata: forged }).metadata).toEqual(podOf().metadata);
  });

  it('is pinned to its node and left to the scheduler', () => {
    const { spec } = podOf();
    expect(spec).not.toHaveProperty('nodeName');
    expect(spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
        },
      },
    });
  });

  it('§9.1.21 is born bound when the template names the node', () => {
    expect(podOf({ podSpec: { nodeName: 'n1' } }).spec.nodeName).toBe('n1');
  });

  it('§2.3 tolerates what daemons tolerate', () => {
    const own = { key: 'gpu', operator: 'Exists' };
    const keys = podOf({ podSpec: { tolerations: [own], hostNetwork: true } }).spec.tolerations?.map(
      ({ key }) => key,
    );
    expect(keys).toEqual([
      'gpu',
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
      'node.kubernetes.io/disk-pressure',
      'node.kubernetes.io/memory-pressure',
      'node.kubernetes.io/pid-pressure',
      'node.kubernetes.io/unschedulable',
      'node.kubernetes.io/network-unavailable',
    ]);
  });

  it('copies fields of the spec that nobody here knows', () => {
    const podSpec = { nodeSelector: { zone: 'a' }, somethingNew: { deep: [1, 2] } };
    const { spec } = podOf({ podSpec });
    expect(spec).toMatchObject({ ...podSpec, containers: [{ name: 'app', image: 'pause:3.10' }] });
  });

  it('leaves the template as it is', () => {
    const set = daemonSet({ podSpec: { tolerations: [{ operator: 'Exists' }], affinity: {} } });
    const before = structuredClone(set);
    made(set, { hash: 'new', templateGeneration: '1' });
    expect(set).toEqual(before);
  });
});
