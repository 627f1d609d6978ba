import { describe, expect, it } from 'vitest';
import { distinct, makerOf, makerOfPod } from '../../../src/core/doctor/pod-maker.ts';

const template = (spec: object): object => ({
  metadata: { labels: { app: 'agent' } },
  spec: { containers: [], ...spec },
});
const workload = (kind: string, spec: object = {}): ReturnType<typeof makerOf> =>
  makerOf(kind, { metadata: { name: 'agent', namespace: 'default' }, spec: { template: template(spec) } });

describe('the maker of pods', () => {
  it('has the labels of its template, and those that its controller adds', () => {
    expect(workload('DaemonSet').podLabels).toEqual({ app: 'agent', 'controller-revision-hash': '' });
    expect(workload('Deployment').podLabels).toEqual({ app: 'agent', 'pod-template-hash': '' });
    const counted = makerOf('DaemonSet', {
      metadata: { name: 'a', annotations: { 'deprecated.daemonset.template.generation': '3' } },
    });
    expect(counted.podLabels).toMatchObject({ 'pod-template-generation': '3' });
  });

  it.each([
    ['/etc/cni/net.d', true],
    ['/opt/cni/bin', true],
    ['/opt/cnidata', false],
    ['/var/log', false],
  ])('with a volume of %s gives pods their network: %j', (path, expected) => {
    expect(workload('DaemonSet', { volumes: [{ name: 'v', hostPath: { path } }] }).givesPodNetwork).toBe(
      expected,
    );
  });

  it('may be on the network of its node', () => {
    expect(workload('DaemonSet', { hostNetwork: true }).hostNetwork).toBe(true);
    expect(workload('DaemonSet').hostNetwork).toBe(false);
  });

  const pod = {
    metadata: { name: 'kube-proxy-n1', namespace: 'kube-system', labels: { a: 'b' } },
    spec: { nodeName: 'n1' },
  };
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'u' };

  it('is the controller of a pod, or the pod itself', () => {
    const owned = {
      ...pod,
      metadata: { ...pod.metadata, ownerReferences: [{ ...owner, controller: true }] },
    };
    expect(makerOfPod(owned)).toMatchObject({ kind: 'StatefulSet', name: 'db', podLabels: { a: 'b' } });
    expect(makerOfPod({ ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } })).toMatchObject({
      kind: 'Pod',
      name: 'kube-proxy-n1',
    });
  });

  it('of a mirror pod is a file of its node, the same on all nodes', () => {
    const annotations = { 'kubernetes.io/config.mirror': 'hash' };
    const mirror = makerOfPod({ ...pod, metadata: { ...pod.metadata, annotations } });
    expect(mirror).toMatchObject({ kind: 'Pod', name: 'kube-proxy', isStatic: true });
    const other = makerOfPod({
      metadata: { ...pod.metadata, name: 'kube-proxy-n2', annotations },
      spec: { nodeName: 'n2' },
    });
    expect(distinct([mirror, other])).toHaveLength(1);
  });
});
