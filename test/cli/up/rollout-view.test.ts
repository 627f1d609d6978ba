import { describe, expect, it } from 'vitest';
import type { DaemonSetStatus } from '../../../src/api/daemonset.ts';
import {
  isRolledOut,
  type NodeView,
  type RolloutView,
  rolloutView,
} from '../../../src/cli/up/rollout-view.ts';
import { NOW } from '../../builders/clock.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node, taint } from '../../builders/node.ts';
import { pod } from '../../builders/pod.ts';

type Nodes = Parameters<typeof rolloutView>[1];
type Pods = Parameters<typeof rolloutView>[2];

const viewOf = (nodes: Nodes, pods: Pods, of = daemonSet()): RolloutView => rolloutView(of, nodes, pods, NOW);
const nodeView = (pods: Pods, of = daemonSet()): NodeView | undefined =>
  viewOf([node('n1')], pods, of).nodes[0];

describe('rolloutView', () => {
  it('takes the counts from the status', () => {
    const status = {
      desiredNumberScheduled: 5,
      currentNumberScheduled: 4,
      numberReady: 3,
      numberAvailable: 2,
      updatedNumberScheduled: 1,
    };
    expect(viewOf([], [], daemonSet({ status }))).toEqual({
      daemonSet: 'default/demo',
      desired: 5,
      current: 4,
      ready: 3,
      available: 2,
      updated: 1,
      nodes: [],
    });
  });

  it('counts nothing before there is a status', () => {
    expect(viewOf([], [])).toMatchObject({ desired: 0, current: 0, ready: 0, available: 0, updated: 0 });
  });

  it('lists the nodes as people count them', () => {
    const names = ['node-10', 'node-2', 'node-1'].map((name) => node(name));
    expect(viewOf(names, []).nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2', 'node-10']);
  });

  it('shows the pod of a node', () => {
    expect(nodeView([pod('p1', { on: 'n1' })])).toEqual({
      name: 'n1',
      eligible: true,
      pod: 'p1',
      phase: 'Running',
      available: true,
    });
  });

  it('shows a node that waits for its pod', () => {
    expect(nodeView([])).toEqual({ name: 'n1', eligible: true, available: false });
  });

  it('says why a node gets none', () => {
    const tainted = node('n1', { taints: [taint('dedicated=gpu:NoSchedule')] });
    expect(viewOf([tainted], []).nodes).toEqual([
      {
        name: 'n1',
        eligible: false,
        reason: 'has the taint dedicated=gpu:NoSchedule, which the pod does not tolerate',
        available: false,
      },
    ]);
  });

  it('shows a pod that a node keeps although it would get none', () => {
    const tainted = node('n1', { taints: [taint('dedicated=gpu:NoSchedule')] });
    expect(viewOf([tainted], [pod('p1', { on: 'n1' })]).nodes).toMatchObject([
      { eligible: false, pod: 'p1', available: true },
    ]);
  });

  it('shows a pod that is meant for the node and not bound yet', () => {
    expect(nodeView([pod('p1', { on: 'n1', bound: false, phase: 'Pending' })])).toMatchObject({
      pod: 'p1',
      phase: 'Pending',
      available: false,
    });
  });

  it.each([
    ['of somebody else', pod('p1', { on: 'n1', owner: 'other' })],
    ['of nobody', pod('p1', { on: 'n1', owner: 'nobody' })],
    ['on another node', pod('p1', { on: 'n2' })],
    ['that is terminating', pod('p1', { on: 'n1', terminating: true })],
  ])('does not show a pod %s', (_, other) => {
    expect(nodeView([other])).not.toHaveProperty('pod');
  });

  it('shows of several pods the one that stands for the node', () => {
    const pods = [
      pod('unbound', { on: 'n1', bound: false, age: 90 }),
      pod('older', { on: 'n1', age: 20 }),
      pod('younger', { on: 'n1', age: 10 }),
    ];
    expect(nodeView(pods)).toMatchObject({ pod: 'older' });
  });

  it('counts a pod as available once it has been ready for long enough', () => {
    const patient = daemonSet({ minReadySeconds: 30 });
    expect(nodeView([pod('p1', { on: 'n1', readyFor: 29 })], patient)?.available).toBe(false);
    expect(nodeView([pod('p1', { on: 'n1', readyFor: 30 })], patient)?.available).toBe(true);
  });
});

describe('isRolledOut', () => {
  const complete: DaemonSetStatus = {
    observedGeneration: 2,
    desiredNumberScheduled: 3,
    updatedNumberScheduled: 3,
    numberAvailable: 3,
  };

  it.each([
    ['complete', {}, true],
    ['complete with a pod more than wanted', { updatedNumberScheduled: 4, numberAvailable: 4 }, true],
    ['complete with no node to run on', { desiredNumberScheduled: 0, numberAvailable: 0 }, true],
    ['of an older generation', { observedGeneration: 1 }, false],
    ['short of an updated pod', { updatedNumberScheduled: 2 }, false],
    ['short of an available pod', { numberAvailable: 2 }, false],
  ])('a rollout %s', (_, changes, expected) => {
    expect(isRolledOut(daemonSet({ generation: 2, status: { ...complete, ...changes } }))).toBe(expected);
  });

  it('nobody has looked at a DaemonSet without status', () => {
    expect(isRolledOut(daemonSet())).toBe(false);
  });
});
