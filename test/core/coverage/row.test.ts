import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CELL_CODES } from '../../../src/core/coverage/cell.ts';
import { coverageRow } from '../../../src/core/coverage/row.ts';
import { claim } from '../../../src/core/ownership/claim.ts';
import { podsByNode } from '../../../src/core/placement/pods-by-node.ts';
import { InvalidStrategyError } from '../../../src/core/rollout/update-strategy.ts';
import { isEligible, isOurs, mayKeepPod, policies, snapshots } from '../../builders/arbitrary-cluster.ts';
import { NOW, secondsAgo } from '../../builders/clock.ts';
import { settle } from '../../builders/cluster-model.ts';
import { daemonSet, rollingUpdate } from '../../builders/daemonset.ts';
import { node, nodes } from '../../builders/node.ts';
import { STRICT } from '../../builders/plan.ts';
import { pod } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';
import { snapshot } from '../../builders/snapshot.ts';

const KNOWN = new Set<string>(Object.values(CELL_CODES));

it('agrees with the counts of the status, whatever the cluster looks like', () => {
  fc.assert(
    fc.property(snapshots, policies, (seen, policy) => {
      const row = coverageRow(seen, NOW, policy);
      const cells = seen.nodes.map((of, place) => ({ of, code: row.cells[place] ?? '' }));
      expect(row.cells).toHaveLength(seen.nodes.length);
      for (const { code } of cells) expect(KNOWN).toContain(code);
      const pods = podsByNode(claim(seen.daemonSet, seen.pods).claimed);
      const count = (codes: string, of = cells): number =>
        of.filter(({ code }) => codes.includes(code)).length;

      const eligible = cells.filter(({ of }) => isEligible(seen.daemonSet, of));
      const others = cells.filter(({ of }) => !isEligible(seen.daemonSet, of));
      expect(row.desiredNumberScheduled).toBe(count('aostmd', eligible));
      expect(count('.kx', eligible)).toBe(0);
      expect(row.numberMisscheduled).toBe(count('kxtd', others));
      expect(count('aosm', others)).toBe(0);
      expect(row.desiredNumberScheduled - row.currentNumberScheduled).toBe(count('m'));
      for (const { of, code } of cells) {
        const live = (pods.get(of.name) ?? []).filter(({ terminating }) => !terminating);
        expect('.md'.includes(code)).toBe(live.length === 0);
        expect(code === 'x').toBe(live.length > 0 && !mayKeepPod(seen.daemonSet, of));
      }
    }),
    { numRuns: 500 },
  );
});

it('shares the live pods out among the revisions, newest first', () => {
  fc.assert(
    fc.property(snapshots, policies, (seen, policy) => {
      const { revisions, revision: current } = coverageRow(seen, NOW, policy);
      const live = seen.pods.filter((each) => isOurs(each) && !each.terminating);
      expect(revisions.reduce((sum, { pods }) => sum + pods, 0)).toBe(live.length);
      for (const { pods, available } of revisions) expect(available).toBeLessThanOrEqual(pods);
      expect(revisions.filter((share) => share.current).length).toBeLessThanOrEqual(1);
      for (const share of revisions.filter((each) => each.current)) expect(share.revision).toBe(current);
      const numbers = revisions.filter((share) => !share.current).map((share) => share.revision ?? 0);
      expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    }),
    { numRuns: 500 },
  );
});

it('shows every node of a rollout that has come to its end as available, or as none', () => {
  fc.assert(
    fc.property(snapshots, (seen) => {
      const cluster = { snapshot: seen, now: NOW, policy: STRICT };
      const last = settle(cluster).at(-1)?.cluster ?? cluster;
      const row = coverageRow(last.snapshot, last.now, STRICT);
      fc.pre(row.state === 'RolloutComplete' && last.snapshot.nodes.every((each) => !each.notReadySince));
      expect(row.cells).toMatch(/^[a.k]*$/);
      expect(row.tone).toBe('good');
    }),
    { numRuns: 100 },
  );
});

it('says how it stands in words, and how the pods are shared out', () => {
  const set = daemonSet({ minReadySeconds: 30 });
  const seen = snapshot({
    daemonSet: set,
    nodes: nodes(['n1', 'n2', 'n3', 'n4']),
    pods: [
      pod('p1', { on: 'n1' }),
      pod('p2', { on: 'n2', readyFor: 10 }),
      pod('p3', { on: 'n3', hash: 'old' }),
      pod('p4', { on: 'n4', hash: 'forgotten' }),
      pod('p5', { on: 'gone', hash: null }),
    ],
    revisions: [revision('old', { number: 3 }), revision('new', { of: set, number: 4 })],
  });
  expect(coverageRow(seen, NOW, STRICT)).toEqual({
    daemonSet: 'default/demo',
    desiredNumberScheduled: 4,
    currentNumberScheduled: 4,
    numberMisscheduled: 0,
    numberReady: 4,
    updatedNumberScheduled: 2,
    numberAvailable: 3,
    numberUnavailable: 1,
    revision: 4,
    strategy: 'RollingUpdate',
    createdAt: Date.parse(set.metadata.creationTimestamp),
    state: 'NotObserved',
    message: 'its last change has not been acted on yet',
    tone: 'busy',
    revisions: [
      { revision: 4, current: true, pods: 2, available: 1 },
      { revision: 3, current: false, pods: 1, available: 1 },
      { current: false, pods: 1, available: 1 },
      { current: false, pods: 1, available: 1 },
    ],
    cells: 'asoo',
  });
});

it('takes the time into account, and nothing else that changes by itself', () => {
  const set = daemonSet({ minReadySeconds: 30 });
  const seen = snapshot({
    daemonSet: set,
    nodes: [node('n1', { notReadySince: secondsAgo(900) }), node('n2')],
    pods: [pod('p1', { on: 'n1', readyFor: 10 }), pod('p2', { on: 'n2' })],
  });
  expect(coverageRow(seen, NOW + 19_999, STRICT).cells).toBe('sa');
  expect(coverageRow(seen, NOW + 20_000, STRICT).cells).toBe('aa');
  expect(coverageRow(seen, NOW + 20_000_000, STRICT)).toEqual(coverageRow(seen, NOW + 20_000, STRICT));
});

it('has no row for a DaemonSet whose strategy means nothing', () => {
  const set = daemonSet({ strategy: rollingUpdate({ maxUnavailable: 'some' }) });
  expect(() => coverageRow(snapshot({ daemonSet: set }), NOW, STRICT)).toThrow(InvalidStrategyError);
});
