import { describe, expect, it } from 'vitest';
import { practices } from '../../../../src/core/admission/practices/index.ts';
import { NOW, secondsAgo } from '../../../builders/clock.ts';
import { type ClusterContent, clusterOf } from '../../../builders/cluster-view.ts';
import { daemonSet, type DaemonSetOverrides, ON_DELETE } from '../../../builders/daemonset.ts';
import { node, taint } from '../../../builders/node.ts';
import { pod } from '../../../builders/pod.ts';
import { revision } from '../../../builders/revision.ts';
import { creationOf } from '../rules/daemonset-change.ts';

function check(id: string, content: ClusterContent, overrides: DaemonSetOverrides = {}): readonly string[] {
  const rule = practices.find((each) => each.id === id);
  const change = { ...creationOf(daemonSet(overrides), { cluster: clusterOf(content) }), now: NOW };
  return (rule?.check(change) ?? []).map(({ message }) => message);
}

const platformNode = (name: string, os: string, arch: string): ReturnType<typeof node> =>
  node(name, { labels: { 'kubernetes.io/os': os, 'kubernetes.io/arch': arch } });

describe('platform', () => {
  const nodes = [platformNode('a', 'linux', 'amd64'), platformNode('b', 'linux', 'arm64')];

  it('reports what the nodes differ in and the DaemonSet does not choose', () => {
    expect(check('platform', { nodes })).toEqual([expect.stringContaining('amd64 and arm64')]);
  });

  it('has nothing against a choice, or nodes that are all alike', () => {
    expect(
      check('platform', { nodes }, { podSpec: { nodeSelector: { 'kubernetes.io/arch': 'arm64' } } }),
    ).toEqual([]);
    expect(check('platform', { nodes: nodes.slice(0, 1) })).toEqual([]);
  });

  it('has nothing against an image whose pods are ready on nodes of each', () => {
    const on = (name: string, ready: boolean): ReturnType<typeof pod> =>
      pod(`demo-${name}`, { on: name, ready });
    expect(check('platform', { nodes, pods: [on('a', true), on('b', true)] })).toEqual([]);
    expect(check('platform', { nodes, pods: [on('a', true), on('b', false)] })).toHaveLength(1);
  });
});

describe('limits of a rollout, on so many nodes', () => {
  const nodesOf = (count: number): ClusterContent => ({
    nodes: Array.from({ length: count }, (_, at) => node(`n${at}`)),
  });
  const limited = (maxUnavailable: number | string): DaemonSetOverrides => ({
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } },
  });

  it.each<[number | string, number, boolean]>([
    ['67%', 3, true],
    ['66%', 3, false],
    [3, 3, true],
    [2, 3, false],
    ['100%', 1, true],
    [1, 1, false],
    ['10%', 1, false],
  ])('all-at-once rounds %s of %i up', (limit, count, found) => {
    expect(check('all-at-once', nodesOf(count), limited(limit))).toHaveLength(found ? 1 : 0);
  });

  it.each<[number | string, number, boolean]>([
    ['10%', 10, false],
    ['10%', 11, true],
    ['0%', 11, false],
    [2, 3, true],
  ])('ready-at-once rounds %s of %i up', (limit, count, found) => {
    expect(check('ready-at-once', nodesOf(count), limited(limit))).toHaveLength(found ? 1 : 0);
  });
});

describe('same-job', () => {
  const image = (name: string): DaemonSetOverrides => ({
    podSpec: { containers: [{ name: 'main', image: name }] },
  });
  const other = (name: string, overrides: DaemonSetOverrides = {}): ClusterContent => ({
    nodes: [node('a')],
    daemonSets: [daemonSet({ name: 'other', ...image(name), ...overrides })],
  });

  it('finds two agents of one make, whatever their registry and tag', () => {
    const found = check(
      'same-job',
      other('registry.example:5000/fluent/fluent-bit:2'),
      image('fluent/fluent-bit:1@sha256:0'),
    );
    expect(found).toEqual([expect.stringContaining('DaemonSet default/other, which runs on 1 same node')]);
  });

  const csi = (driver: string): DaemonSetOverrides => ({
    podSpec: {
      containers: [
        { name: 'liveness-probe', image: 'registry.k8s.io/sig-storage/livenessprobe:v2.13.0' },
        { name: 'registrar', image: 'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.11.0' },
        { name: driver, image: `registry.k8s.io/sig-storage/${driver}:v4` },
      ],
    },
  });
  const running = (...command: readonly string[]): DaemonSetOverrides => ({
    podSpec: { containers: [{ name: 'main', image: 'nvcr.io/nvidia/k8s-device-plugin:v0.16.1', command }] },
  });
  const beside = (first: DaemonSetOverrides, second: DaemonSetOverrides): readonly string[] =>
    check('same-job', { nodes: [node('a')], daemonSets: [daemonSet({ name: 'other', ...first })] }, second);

  it('looks past the helpers that CSI drivers begin with', () => {
    expect(beside(csi('nfsplugin'), csi('smbplugin'))).toEqual([]);
    expect(beside(csi('nfsplugin'), csi('nfsplugin'))).toHaveLength(1);
  });

  it('tells programs of one image from each other, shells aside', () => {
    expect(beside(running('nvidia-device-plugin'), running('/usr/bin/gpu-feature-discovery'))).toEqual([]);
    expect(beside(running('nvidia-device-plugin'), running('/usr/bin/nvidia-device-plugin'))).toHaveLength(1);
    expect(beside(running('/bin/sh', '-c', 'x'), running('nvidia-device-plugin'))).toHaveLength(1);
  });

  it('takes no image for an agent that says nothing of what is done with it', () => {
    expect(beside(image('busybox:1'), image('docker.io/library/busybox:1'))).toEqual([]);
    expect(beside(image('rancher/klipper-lb:v0.4'), image('rancher/klipper-lb:v0.4'))).toEqual([]);
  });

  it('has nothing against other images, other nodes, or itself', () => {
    expect(check('same-job', other('fluent/fluentd'), image('fluent/fluent-bit'))).toEqual([]);
    const elsewhere = { podSpec: { ...image('x').podSpec, nodeSelector: { zone: 'b' } } };
    expect(check('same-job', other('x', elsewhere), image('x'))).toEqual([]);
    expect(check('same-job', other('x', { name: 'demo' }), image('x'))).toEqual([]);
  });
});

describe('the pods that are there', () => {
  const content: ClusterContent = {
    nodes: [node('a'), node('b'), node('tainted', { taints: [taint('x:NoExecute')] })],
    pods: [
      pod('demo-a', { on: 'a' }),
      pod('demo-t', { on: 'tainted' }),
      pod('going', { on: 'b', terminating: true }),
    ],
  };

  it('nodes-without-pod names eligible nodes that have none', () => {
    expect(check('nodes-without-pod', content)).toEqual([
      expect.stringContaining('1 node without a pod (b)'),
    ]);
  });

  it('nodes-without-pod gives a pod the time that its end takes, as in any rollout', () => {
    const going = (goneIn: number): readonly string[] =>
      check('nodes-without-pod', { nodes: [node('b')], pods: [pod('going', { on: 'b', goneIn })] });
    expect(going(30)).toEqual([]);
    expect(going(-30)).toEqual([]);
    expect(going(-90)).toEqual([expect.stringContaining('1 node without a pod (b)')]);
  });

  it('misscheduled names pods where none should be', () => {
    expect(check('misscheduled', content)).toEqual([
      expect.stringContaining('1 pod on nodes that are not eligible (demo-t)'),
    ]);
  });

  it('crash-loop groups them by trouble and revision', () => {
    const trouble = { trouble: 'CrashLoopBackOff' };
    const pods = [
      { ...pod('demo-a', { on: 'a', hash: 'new' }), ...trouble },
      { ...pod('demo-b', { on: 'b', hash: 'new' }), ...trouble },
      pod('demo-c', { on: 'c', hash: 'old' }),
    ];
    expect(check('crash-loop', { ...content, pods })).toEqual([
      expect.stringContaining('2 pods with CrashLoopBackOff in revision new (demo-a, demo-b)'),
    ]);
  });

  it('all are silent when every node has its pod', () => {
    const settled = { nodes: [node('a')], pods: [pod('demo-a', { on: 'a' })] };
    for (const id of ['nodes-without-pod', 'misscheduled', 'crash-loop'])
      expect(check(id, settled)).toEqual([]);
  });
});

describe('stale-on-delete', () => {
  const DAY = 86_400;
  const content: ClusterContent = {
    nodes: [],
    revisions: [
      revision('older', { number: 1, numberedAt: secondsAgo(90 * DAY) }),
      revision('old', { number: 2, numberedAt: secondsAgo(10 * DAY) }),
      revision('new', { number: 3, numberedAt: secondsAgo(60) }),
    ],
    pods: [
      pod('demo-a', { on: 'a', hash: 'older', age: 80 * DAY }),
      pod('demo-b', { on: 'b', hash: 'older', age: 2 * DAY }),
      pod('demo-c', { on: 'c', hash: 'old', age: 9 * DAY }),
      pod('demo-d', { on: 'd', hash: 'new', age: 1 }),
    ],
  };

  it('reports pods that stayed behind for days, not those whose template has just changed', () => {
    expect(check('stale-on-delete', content, { strategy: ON_DELETE })).toEqual([
      expect.stringContaining('1 pod stayed behind a change of the template for more than 3 days (demo-a)'),
    ]);
  });

  it('takes a pod of a revision that is gone for as old as the current one allows', () => {
    const revisions = [revision('new', { number: 3, numberedAt: secondsAgo(4 * DAY) })];
    expect(check('stale-on-delete', { ...content, revisions }, { strategy: ON_DELETE })).toEqual([
      expect.stringContaining(
        '2 pods stayed behind a change of the template for more than 3 days (demo-a, demo-c)',
      ),
    ]);
  });

  it('says nothing where revisions are not known', () => {
    expect(check('stale-on-delete', { ...content, revisions: [] }, { strategy: ON_DELETE })).toEqual([]);
  });

  it('has nothing against a rolling DaemonSet, whose rollout says so itself', () => {
    expect(check('stale-on-delete', content)).toEqual([]);
  });
});
