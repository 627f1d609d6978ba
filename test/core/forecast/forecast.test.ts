import { describe, expect, it } from 'vitest';
import { boundPod } from '../../../src/cli/plan/bound-pod.ts';
import { daemonTax } from '../../../src/core/forecast/capacity.ts';
import { forecast, type Room } from '../../../src/core/forecast/forecast.ts';
import { roomAfter } from '../../../src/core/forecast/room-after.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import { formatQuantity } from '../../../src/core/resources/quantity.ts';
import { readResources } from '../../../src/core/resources/requests.ts';
import { NOW } from '../../builders/clock.ts';
import { daemonSet, DEMO_UID, ON_DELETE, surging } from '../../builders/daemonset.ts';
import { node, nodes, taint } from '../../builders/node.ts';
import { pod } from '../../builders/pod.ts';
import { snapshot } from '../../builders/snapshot.ts';

const EMPTY: Room = { allocatable: new Map(), bound: [] };

describe('what becomes of a node', () => {
  it('is told with the reason', () => {
    const before = snapshot({
      daemonSet: daemonSet({ podSpec: { nodeSelector: { gpu: 'yes' } } }),
      nodes: [
        ...nodes(['change', 'get', 'keep'], { labels: { gpu: 'yes' } }),
        ...nodes(['lose', 'none']),
        node('stay', { labels: { gpu: 'yes' }, taints: [taint('x:NoSchedule')] }),
      ],
      pods: [
        pod('a', { on: 'change', hash: 'old' }),
        pod('b', { on: 'keep' }),
        pod('c', { on: 'lose', hash: 'old' }),
        pod('d', { on: 'stay', hash: 'old' }),
        pod('e', { on: 'none', terminating: true }),
      ],
    });
    expect(forecast(before, EMPTY, NOW, DEFAULT_POLICY).nodes).toEqual([
      { node: 'change', effect: 'changes', reason: 'its pod is of another template' },
      { node: 'get', effect: 'gets', reason: 'eligible' },
      { node: 'keep', effect: 'keeps', reason: 'its pod is of this template' },
      { node: 'lose', effect: 'loses', reason: 'lacks the label gpu=yes that spec.nodeSelector asks for' },
      { node: 'none', effect: 'none', reason: 'lacks the label gpu=yes that spec.nodeSelector asks for' },
      {
        node: 'stay',
        effect: 'keeps',
        reason:
          'has the taint x:NoSchedule, which the pod does not tolerate, but lets a pod stay that is there',
      },
    ]);
  });

  it('waits for somebody with OnDelete', () => {
    const before = snapshot({
      daemonSet: daemonSet({ strategy: ON_DELETE }),
      nodes: nodes(['n']),
      pods: [pod('p', { on: 'n', hash: 'old' })],
    });
    expect(forecast(before, EMPTY, NOW, DEFAULT_POLICY).nodes[0]).toMatchObject({ effect: 'keeps' });
  });
});

describe('room', () => {
  const podSpec = {
    containers: [
      {
        name: 'app',
        ports: [{ containerPort: 80, hostPort: 80 }],
        resources: { requests: { cpu: '1', memory: '1Gi' } },
      },
    ],
  };
  const rawPod = (
    name: string,
    cpu: string,
    more: { uid?: string; phase?: string; hostPort?: number; priority?: number } = {},
  ) => ({
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(more.uid !== undefined && {
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'demo', uid: more.uid, controller: true },
        ],
      }),
    },
    spec: {
      nodeName: 'n',
      ...(more.priority !== undefined && { priority: more.priority }),
      containers: [
        {
          name: 'c',
          resources: { requests: { cpu } },
          ports: more.hostPort ? [{ hostPort: more.hostPort }] : [],
        },
      ],
    },
    status: { phase: more.phase ?? 'Running' },
  });
  const room = (pods: readonly ReturnType<typeof rawPod>[], allocatable: Record<string, string>): Room => ({
    allocatable: new Map([['n', readResources(allocatable)]]),
    bound: pods.map(boundPod).filter((each) => each !== undefined),
  });
  const lacks = (of: Room, strategy?: ReturnType<typeof surging>): readonly string[] => {
    const set = daemonSet({ podSpec, ...(strategy && { strategy }) });
    const before = snapshot({
      daemonSet: set,
      nodes: nodes(['n']),
      pods: [pod('old', { on: 'n', hash: 'old' })],
    });
    return forecast(before, of, NOW, DEFAULT_POLICY).misfits.flatMap(({ lacks }) => lacks);
  };
  const much = { cpu: '2', memory: '4Gi', pods: '110' };

  it('is what is allocatable without what is bound there', () => {
    expect(lacks(room([rawPod('a', '1')], much))).toEqual([]);
    expect(lacks(room([rawPod('a', '1001m')], much))).toEqual(['cpu: needs 1, and 999m is free']);
    expect(lacks(room([], { ...much, memory: '1023Mi' }))).toEqual(['memory: needs 1Gi, and 1023Mi is free']);
    expect(lacks(room([rawPod('a', '0')], { ...much, pods: '1' }))).toEqual(['pods: needs 1, and 0 is free']);
  });

  it('is not taken by pods that have ended, nor by the one that is replaced, unless it stays until the end', () => {
    expect(lacks(room([rawPod('a', '2', { phase: 'Succeeded' })], much))).toEqual([]);
    const own = room([rawPod('old', '2', { uid: DEMO_UID })], much);
    expect(lacks(own)).toEqual([]);
    expect(lacks(own, surging(1))).toEqual(['cpu: needs 1, and 0 is free']);
  });

  it('has one of each port', () => {
    expect(lacks(room([rawPod('web', '0', { hostPort: 80 })], much))).toEqual([
      'port 80/TCP: taken by pod default/web',
    ]);
  });

  it('has no port for a pod beside the one that it takes the place of', () => {
    const own = room([rawPod('old', '0', { uid: DEMO_UID, hostPort: 80 })], much);
    expect(lacks(own)).toEqual([]);
    expect(lacks(own, surging(1))).toEqual(['port 80/TCP: taken by DaemonSet default/demo']);
  });

  it('is made by the scheduler where pods of lower priority take it', () => {
    const full = room([rawPod('low', '2', { priority: 5 }), rawPod('web', '0', { hostPort: 81 })], much);
    const set = daemonSet({ podSpec });
    const before = snapshot({
      daemonSet: set,
      nodes: nodes(['n']),
      pods: [pod('old', { on: 'n', hash: 'old' })],
    });
    const evicts = (priority: number | undefined): readonly boolean[] =>
      forecast(before, { ...full, priority }, NOW, DEFAULT_POLICY).misfits.map((each) => each.evicts);
    expect(evicts(6)).toEqual([true]);
    expect(evicts(5)).toEqual([false]);
    expect(evicts(undefined)).toEqual([false]);
  });

  it('is not asked for by a pod that needs nothing, even of a node that has given away too much', () => {
    const set = daemonSet({
      podSpec: { containers: [{ name: 'app', resources: { requests: { cpu: '0' } } }] },
    });
    const before = snapshot({ daemonSet: set, nodes: nodes(['n']) });
    const over = room([rawPod('a', '3')], much);
    expect(forecast(before, over, NOW, DEFAULT_POLICY).misfits).toEqual([]);
  });

  it('is taken, once one is applied, for the next', () => {
    const set = daemonSet({ podSpec });
    const before = snapshot({
      daemonSet: set,
      nodes: nodes(['n']),
      pods: [pod('old', { on: 'n', hash: 'old' })],
    });
    const first = room([rawPod('old', '0', { uid: DEMO_UID }), rawPod('other', '0')], much);
    const after = roomAfter(set, forecast(before, first, NOW, DEFAULT_POLICY), first);
    expect(after.map(({ name, maker }) => maker ?? name)).toEqual(['other', 'DaemonSet default/demo']);
    expect(lacks({ ...first, bound: after })).toEqual(['port 80/TCP: taken by DaemonSet default/demo']);
    const full = room([rawPod('big', '2')], much);
    expect(roomAfter(set, forecast(before, full, NOW, DEFAULT_POLICY), full)).toEqual(full.bound);
  });

  it('is not judged where a node does not say what it has', () => {
    expect(lacks({ allocatable: new Map(), bound: [] })).toEqual([]);
  });

  it('is taxed by all DaemonSets that are eligible', () => {
    const selective = daemonSet({ name: 'gpu', podSpec: { ...podSpec, nodeSelector: { gpu: 'yes' } } });
    const tax = daemonTax(
      [daemonSet({ podSpec }), selective],
      [node('n'), node('g', { labels: { gpu: 'yes' } })],
    );
    expect(
      tax.map(({ daemonSets, requests }) => [daemonSets, formatQuantity('cpu', requests.get('cpu') ?? 0n)]),
    ).toEqual([
      [1, '1'],
      [2, '2'],
    ]);
  });
});
