import { describe, expect, it } from 'vitest';
import { duplicates, mirrorPod } from '../../../src/core/static-pods/duplicates.ts';
import { staticPodOf } from '../../../src/core/static-pods/static-pod.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node } from '../../builders/node.ts';

describe('a static Pod of a DaemonSet', () => {
  it('has what the template has, without what only the API server knows', () => {
    const set = daemonSet({
      podSpec: {
        hostNetwork: true,
        nodeSelector: { gpu: 'yes' },
        tolerations: [{ operator: 'Exists' }],
        serviceAccountName: 'agent',
        priorityClassName: 'system-node-critical',
      },
    });
    expect(staticPodOf(set, node('n', { labels: { gpu: 'yes' } }))).toEqual({
      manifest: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'demo', namespace: 'default', labels: { app: 'demo' } },
        spec: {
          containers: [{ name: 'app', image: 'pause:3.10' }],
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          priority: 2000001000,
        },
      },
      notes: [
        'left out, for no scheduler is asked: nodeSelector, tolerations',
        'left out, for a static Pod has no service account and no pull secrets: serviceAccountName',
      ],
      problems: [],
    });
  });

  it('says what a kubelet would not run, and where it does not belong', () => {
    const set = daemonSet({
      podSpec: {
        nodeSelector: { gpu: 'yes' },
        volumes: [
          { name: 'v', configMap: { name: 'c' } },
          { name: 'h', hostPath: { path: '/' } },
          { name: 'd', projected: { sources: [{ downwardAPI: {} }] } },
          { name: 't', projected: { sources: [{ downwardAPI: {} }, { serviceAccountToken: {} }] } },
          { name: 's', csi: { driver: 'secrets-store.csi.k8s.io' } },
          { name: 'i', iscsi: { iqn: 'q', secretRef: { name: 'x' } } },
          { name: 'n', iscsi: { iqn: 'q' } },
        ],
        initContainers: [{ name: 'i', env: [{ name: 'C', valueFrom: { configMapKeyRef: {} } }] }],
        containers: [
          {
            name: 'c',
            env: [
              { name: 'A', valueFrom: { secretKeyRef: {} } },
              { name: 'N', valueFrom: { fieldRef: {} } },
            ],
            envFrom: [{}],
          },
        ],
      },
    });
    expect(staticPodOf(set, node('n')).problems.map((problem) => problem.split(/: a static|;/)[0])).toEqual([
      'the DaemonSet has no pod on n: lacks the label gpu=yes that spec.nodeSelector asks for',
      'spec.volumes[v]',
      'spec.volumes[t]',
      'spec.volumes[s]',
      'spec.volumes[i]',
      'spec.initContainers[i].env[C]',
      'spec.containers[c].env[A]',
      'spec.containers[c].envFrom',
    ]);
  });
});

describe('duplicates', () => {
  const raw = (name: string, image: string, isMirror = true) => ({
    metadata: {
      name,
      namespace: 'kube-system',
      annotations: isMirror ? { 'kubernetes.io/config.mirror': 'x' } : {},
    },
    spec: { nodeName: name.split('-')[1]!, containers: [{ name: 'c', image }] },
  });

  it('are static pods of the same make where the DaemonSet has a pod', () => {
    const set = daemonSet({
      podSpec: {
        nodeSelector: { on: 'yes' },
        containers: [{ name: 'c', image: 'registry.example/fluent/fluentd:v2' }],
      },
    });
    const on = { labels: { on: 'yes' } };
    const mirrors = [
      raw('f-a', 'fluent/fluentd:v1'),
      raw('f-b', 'fluent/fluentd:v1'),
      raw('x-a', 'other:v1'),
      raw('p-a', 'fluent/fluentd:v1', false),
    ].map(mirrorPod);
    const found = duplicates(
      [set],
      [node('a', on), node('b')],
      mirrors.filter((pod) => pod !== undefined),
    );
    expect(found).toMatchObject([
      { daemonSet: 'default/demo', repository: 'fluent/fluentd', pods: [{ name: 'f-a' }] },
    ]);
  });

  it('are told apart by their programs, and be they shells or helpers', () => {
    const busy = (command: readonly string[]): object => ({ name: 'c', image: 'busybox:1', command });
    const set = daemonSet({ podSpec: { containers: [busy(['/bin/watch'])] } });
    const of = (name: string, command: readonly string[]): object => {
      const { metadata, spec } = raw(name, 'busybox:1');
      return { metadata, spec: { ...spec, containers: [busy(command)] } };
    };
    const mirrors = [of('w-a', ['watch']), of('t-a', ['tail']), of('s-a', ['sh'])].map((pod) =>
      mirrorPod(pod as Parameters<typeof mirrorPod>[0]),
    );
    const found = duplicates(
      [set],
      [node('a')],
      mirrors.filter((pod) => pod !== undefined),
    );
    expect(found).toEqual([
      {
        daemonSet: 'default/demo',
        repository: 'busybox',
        pods: [
          { name: 'w-a', namespace: 'kube-system', node: 'a' },
          { name: 's-a', namespace: 'kube-system', node: 'a' },
        ],
      },
    ]);
  });
});
