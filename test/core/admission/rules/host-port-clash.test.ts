import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../../src/api/daemonset.ts';
import type { NodeSelectorRequirement, PodSpec } from '../../../../src/api/pod.ts';
import { checkDaemonSet } from '../../../../src/core/admission/check-daemonset.ts';
import { hostPortClash } from '../../../../src/core/admission/rules/host-port-clash.ts';
import { clusterOf } from '../../../builders/cluster-view.ts';
import { daemonSet } from '../../../builders/daemonset.ts';
import { node, taint } from '../../../builders/node.ts';
import { creationOf, updateOf } from './daemonset-change.ts';

const NODES = [
  node('linux-1', { labels: { os: 'linux' } }),
  node('linux-2', { labels: { os: 'linux' } }),
  node('windows-1', { labels: { os: 'windows' }, taints: [taint('os=windows:NoSchedule')] }),
];

function exporter(name: string, ports: readonly object[], podSpec: PodSpec = {}): DaemonSet {
  return daemonSet({ name, podSpec: { containers: [{ name: 'main', ports }], ...podSpec } });
}

const stored = exporter('stored', [{ containerPort: 80, hostPort: 9100 }]);

function messages(object: DaemonSet, daemonSets: readonly DaemonSet[] = [stored]): readonly string[] {
  const cluster = clusterOf({ daemonSets, nodes: NODES });
  return hostPortClash
    .check(creationOf(object, { cluster }))
    .map(({ path, message }) => `${path} ${message}`);
}

describe('rule host-port-clash', () => {
  it('names the port, the other DaemonSet, and the nodes they share', () => {
    const [message, ...others] = messages(exporter('new', [{ containerPort: 9100, hostPort: 9100 }]));
    expect(others).toEqual([]);
    expect(message).toContain('spec.template.spec.containers[0].ports[0].hostPort takes port 9100/TCP');
    expect(message).toContain('default/stored on 2 same nodes (linux-1, linux-2)');
  });

  it('counts ports of pods on the node’s own network, and of sidecars', () => {
    expect(messages(exporter('new', [{ containerPort: 9100 }], { hostNetwork: true }))).toHaveLength(1);
    const init = { name: 'side', ports: [{ containerPort: 1, hostPort: 9100 }] };
    expect(
      messages(exporter('new', [], { initContainers: [{ ...init, restartPolicy: 'Always' }] })),
    ).toHaveLength(1);
    expect(messages(exporter('new', [], { initContainers: [init] }))).toEqual([]);
  });

  describe('where no node is known, as in files', () => {
    const required = (...matchExpressions: readonly NodeSelectorRequirement[]): PodSpec => ({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
        },
      },
    });
    const chosen = (name: string, podSpec: PodSpec): DaemonSet =>
      exporter(name, [{ containerPort: 1, hostPort: 9100 }], podSpec);
    const clash = (a: PodSpec, b: PodSpec): readonly string[] =>
      hostPortClash
        .check(creationOf(chosen('a', a), { cluster: clusterOf({ daemonSets: [chosen('b', b)] }) }))
        .map(({ message }) => message);
    const LINUX = { nodeSelector: { 'kubernetes.io/os': 'linux' } };
    const WINDOWS = { nodeSelector: { 'kubernetes.io/os': 'windows' } };

    it.each<[string, PodSpec, PodSpec]>([
      ['come to every node', {}, {}],
      ['come to Linux, and to everything', LINUX, {}],
      [
        'ask for different labels that most nodes have',
        LINUX,
        required({ key: 'kubernetes.io/arch', operator: 'In', values: ['amd64'] }),
      ],
      [
        'avoid what is no usual node',
        {},
        required({ key: 'compute-type', operator: 'NotIn', values: ['fargate'] }),
      ],
      ['come to one pool, and to Linux', required({ key: 'pool', operator: 'Exists' }), LINUX],
      ['name one node, and come to every node', { nodeName: 'n1' }, {}],
    ])('finds it between two that %s', (_, a, b) => {
      expect(clash(a, b)).toEqual([expect.stringContaining('DaemonSet default/b on the same nodes, where')]);
      expect(clash(b, a)).toHaveLength(1);
    });

    it.each<[string, PodSpec, PodSpec]>([
      ['Linux and Windows', LINUX, WINDOWS],
      [
        'everything usual, and Windows',
        required({ key: 'kubernetes.io/os', operator: 'NotIn', values: ['windows'] }),
        WINDOWS,
      ],
      [
        'pools that may have nothing in common',
        { nodeSelector: { pool: 'a' } },
        { nodeSelector: { role: 'b' } },
      ],
      ['two nodes', { nodeName: 'n1' }, { nodeName: 'n2' }],
    ])('says nothing of %s', (_, a, b) => {
      expect(clash(a, b)).toEqual([]);
    });
  });

  it.each<[string, DaemonSet]>([
    ['another port', exporter('new', [{ hostPort: 9101 }])],
    ['another protocol', exporter('new', [{ hostPort: 9100, protocol: 'UDP' }])],
    ['a port of the pod’s own', exporter('new', [{ containerPort: 9100 }])],
    [
      'nodes that the other has no pod on',
      exporter('new', [{ hostPort: 9100 }], {
        nodeSelector: { os: 'windows' },
        tolerations: [{ operator: 'Exists' }],
      }),
    ],
    ['itself', exporter('stored', [{ hostPort: 9100 }])],
  ])('has nothing against %s', (_, object) => {
    expect(messages(object)).toEqual([]);
  });

  it('tells addresses of the node apart, unless one of the two takes all', () => {
    const on = (name: string, hostIP?: string): DaemonSet =>
      exporter(name, [{ hostPort: 53, ...(hostIP && { hostIP }) }]);
    expect(messages(on('new', '10.0.0.1'), [on('stored', '10.0.0.2')])).toEqual([]);
    expect(messages(on('new', '10.0.0.1'), [on('stored', '10.0.0.1')])).toHaveLength(1);
    expect(messages(on('new', '10.0.0.1'), [on('stored')])).toHaveLength(1);
    expect(messages(on('new', '::'), [on('stored', '10.0.0.2')])).toHaveLength(1);
  });

  it('looks at DaemonSets of every namespace, without those that are going', () => {
    const elsewhere = (metadata: object): DaemonSet => ({
      ...stored,
      metadata: { ...stored.metadata, ...metadata },
    });
    const object = exporter('stored', [{ hostPort: 9100 }]);
    expect(messages(object, [elsewhere({ namespace: 'monitoring' })])).toHaveLength(1);
    expect(
      messages(object, [elsewhere({ namespace: 'monitoring', deletionTimestamp: '2026-01-01T00:00:00Z' })]),
    ).toEqual([]);
  });

  it('at the level deny still lets updates through that change nothing about it', () => {
    const cluster = clusterOf({ daemonSets: [stored], nodes: NODES });
    const before = exporter('new', [{ hostPort: 9100 }]);
    const deny = (change: Parameters<typeof checkDaemonSet>[0]): readonly string[] =>
      checkDaemonSet(change, { 'host-port-clash': 'deny' }, [hostPortClash]).map(({ level }) => level);
    expect(deny(creationOf(before, { cluster }))).toEqual(['deny']);
    expect(
      deny(updateOf(before, { ...before, metadata: { ...before.metadata, generation: 2 } }, { cluster })),
    ).toEqual(['warn']);
    expect(deny(updateOf(exporter('new', []), before, { cluster }))).toEqual(['deny']);
  });

  it('has no opinion without a cluster, nor on what is malformed', () => {
    expect(hostPortClash.check(creationOf(exporter('new', [{ hostPort: 9100 }])))).toEqual([]);
    const cluster = clusterOf({ daemonSets: [stored], nodes: NODES });
    for (const containers of [
      7,
      [7],
      [{ ports: 7 }],
      [{ ports: [7, { hostPort: 'x' }, { hostPort: 9100, protocol: 6 }] }],
    ]) {
      const object = { metadata: {}, spec: { template: { spec: { containers } } } };
      expect(hostPortClash.check(creationOf(object, { cluster }))).toEqual([]);
    }
  });
});
