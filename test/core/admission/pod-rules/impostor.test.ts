import { describe, expect, it } from 'vitest';
import { impostor } from '../../../../src/core/admission/pod-rules/impostor.ts';
import { ownedBy, podCreation } from './pod-creation.ts';

describe('rule impostor', () => {
  it('denies a Pod of a DaemonSet that somebody else sends, and names both', () => {
    const [problem] = impostor.check(podCreation({}));
    expect(problem?.path).toBe('metadata.ownerReferences');
    expect(problem?.message).toContain('DaemonSet "agent"');
    expect(problem?.message).toContain('"jane"');
    expect(impostor.level).toBe('deny');
  });

  it.each([
    'system:serviceaccount:kube-system:daemon-set-controller',
    'system:kube-controller-manager',
    'system:serviceaccount:kube-system:generic-garbage-collector',
  ])('takes those of %s', (username) => {
    expect(impostor.check(podCreation({}, { username }))).toEqual([]);
  });

  it('takes those of users that are configured', () => {
    expect(impostor.check(podCreation({}, { daemonPodMakers: ['jane'] }))).toEqual([]);
    expect(impostor.check(podCreation({}, { daemonPodMakers: ['jan', 'janet'] }))).toHaveLength(1);
  });

  it.each<[string, ReturnType<typeof podCreation>]>([
    ['a bare Pod', podCreation({ owner: null })],
    ['a Pod of a ReplicaSet', podCreation({ owner: ownedBy('ReplicaSet') })],
    ['a DaemonSet of another group', podCreation({ owner: ownedBy('DaemonSet', 'apps.kruise.io/v1') })],
    [
      'an owner that does not control it',
      podCreation({ owner: { ...(ownedBy('DaemonSet') as object), controller: false } }),
    ],
    ['a mirror pod', podCreation({ annotations: { 'kubernetes.io/config.mirror': 'x' } })],
    ['a sender that is not known', podCreation({}, { username: '' })],
    ['the template of another kind', podCreation({}, { kind: 'Deployment' })],
    ['what is malformed', podCreation({}, { object: { metadata: { ownerReferences: 'x' } } })],
  ])('has nothing against %s', (_, creation) => {
    expect(impostor.check(creation)).toEqual([]);
  });
});
