import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../src/api/daemonset.ts';
import { playRollout } from '../../../src/core/forecast/play-rollout.ts';
import { observe } from '../../../src/core/observe.ts';
import type { Snapshot } from '../../../src/core/plan.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import { NOW } from '../../builders/clock.ts';
import { settle } from '../../builders/cluster-model.ts';
import { daemonSet, ON_DELETE, rollingUpdate, surging } from '../../builders/daemonset.ts';
import { node, nodeNames, nodes, taint } from '../../builders/node.ts';
import { pod } from '../../builders/pod.ts';
import { snapshot } from '../../builders/snapshot.ts';

const play = (before: Snapshot, stuck: readonly string[] = []) =>
  playRollout(before.daemonSet, observe(before, NOW, DEFAULT_POLICY).rollout, new Set(stuck));

/** Every node has a pod of an older template. */
const outdated = (set: DaemonSet, names: readonly string[]): Snapshot =>
  snapshot({
    daemonSet: set,
    nodes: nodes(names),
    pods: names.map((on) => pod(`p-${on}`, { on, hash: 'old' })),
  });

const strategies = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((maxUnavailable) => rollingUpdate({ maxUnavailable, maxSurge: 0 })),
  fc.constantFrom('25%', '100%').map((maxUnavailable) => rollingUpdate({ maxUnavailable, maxSurge: 0 })),
  fc.constantFrom<number | string>(1, 3, '40%').map(surging),
  fc.constant(ON_DELETE),
);

describe('a rollout that is played', () => {
  it('touches the nodes that reconcile touches, in the same steps', () => {
    const clusters = fc.record({
      strategy: strategies,
      minReadySeconds: fc.constantFrom(0, 30),
      pods: fc.array(fc.constantFrom('old', 'new', 'none', 'old tainted', 'old evicted', 'old unready'), {
        minLength: 1,
        maxLength: 8,
      }),
    });
    fc.assert(
      fc.property(clusters, ({ strategy, minReadySeconds, pods }) => {
        const set = daemonSet({ strategy, minReadySeconds });
        const all = pods.map((what, index) => {
          const effect = what.includes('tainted') ? 'NoSchedule' : 'NoExecute';
          const tainted = what.includes('tainted') || what.includes('evicted');
          return node(`n${index}`, { taints: tainted ? [taint(`gpu:${effect}`)] : [] });
        });
        const there = pods.flatMap((what, index) =>
          what === 'none'
            ? []
            : [
                pod(`p${index}`, {
                  on: `n${index}`,
                  hash: what.split(' ')[0]!,
                  ready: !what.includes('unready'),
                }),
              ],
        );
        const before = snapshot({ daemonSet: set, nodes: all, pods: there });
        // Time settles what is under way before the rollout is played, in the model as well.
        const ready = {
          ...before,
          pods: before.pods.map((each) => ({ ...each, ready: true, readyChangedAt: NOW - 60_000 })),
        };
        expect(play(before).waves).toEqual(wavesOf(snapshot(ready)));
      }),
      { numRuns: 500 },
    );
  });

  /** The nodes that each sync of the model is the first to touch. */
  function wavesOf(before: Snapshot): readonly (readonly string[])[] {
    const seen = new Set<string>();
    return settle({ snapshot: before, now: NOW, policy: DEFAULT_POLICY })
      .map(({ plan }) => {
        const touched = [
          ...plan.deletePods.map(({ pod }) => pod.targetNode ?? ''),
          ...plan.createPods.map(({ node }) => node),
        ];
        const fresh = [...new Set(touched)].filter((name) => !seen.has(name));
        for (const name of fresh) seen.add(name);
        return fresh;
      })
      .filter(({ length }) => length > 0);
  }

  it('stands still where new pods cannot start, and says which nodes are left', () => {
    const names = nodeNames(5);
    const set = daemonSet({ strategy: rollingUpdate({ maxUnavailable: 2, maxSurge: 0 }) });
    expect(play(outdated(set, names), ['n001', 'n003'])).toEqual({
      waves: [['n001', 'n002'], ['n003']],
      left: ['n004', 'n005'],
      budget: { maxUnavailable: 2, maxSurge: 0 },
    });
  });

  it('leaves what OnDelete leaves', () => {
    expect(play(outdated(daemonSet({ strategy: ON_DELETE }), ['a', 'b']))).toEqual({
      waves: [],
      left: ['a', 'b'],
    });
  });

  it('ends for 5,000 nodes, one at a time', () => {
    const { waves, left } = play(outdated(daemonSet(), nodeNames(5000)));
    expect(waves).toHaveLength(5000);
    expect(left).toEqual([]);
  });
});
