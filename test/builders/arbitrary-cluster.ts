import * as fc from 'fast-check';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import type { NodeRecord } from '../../src/api/node.ts';
import type { PodPhase, PodRecord } from '../../src/api/pod.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import type { BackoffEntry, FailedPodBackoff } from '../../src/core/placement/failed-pod-backoff.ts';
import type { Snapshot } from '../../src/core/plan.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/policy.ts';
import { secondsAgo } from './clock.ts';
import { daemonSet, ON_DELETE, rollingUpdate, surging } from './daemonset.ts';
import { node, taint } from './node.ts';
import { STRICT } from './plan.ts';
import { type Owner, pod, type PodOverrides } from './pod.ts';
import { revision } from './revision.ts';
import { snapshot } from './snapshot.ts';

/** Everything that an operator may choose. */
export const policies = fc.constantFrom<Policy>(STRICT, DEFAULT_POLICY, {
  ...DEFAULT_POLICY,
  placement: 'direct',
  burstReplicas: 250,
});

/** When the current revision of every cluster became current, unless a plan makes it so. */
export const NUMBERED_AT = secondsAgo(60);

const NODE_POOL = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8'];
const HASHES = ['new', 'twin', 'old', 'older', null];

const owners = fc.constantFrom<Owner>('demo', 'demo', 'demo', 'demo', 'nobody', 'other');
const labels = fc.constantFrom({ app: 'demo' }, { app: 'demo' }, { app: 'demo' }, { app: 'other' });
const percentages = fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`);

const rollouts = fc
  .oneof(fc.integer({ min: 0, max: 5 }), percentages)
  .map((maxUnavailable) => rollingUpdate({ maxUnavailable, maxSurge: 0 }));
const surges = fc.oneof(fc.integer({ min: 1, max: 5 }), percentages).map(surging);

const daemonSets: fc.Arbitrary<DaemonSet> = fc
  .record({
    zone: fc.boolean(),
    toleratesGpu: fc.boolean(),
    strategy: fc.oneof(rollouts, surges, fc.constant(ON_DELETE)),
    minReadySeconds: fc.constantFrom(0, 0, 30),
    generationKnown: fc.boolean(),
    revisionHistoryLimit: fc.integer({ min: 0, max: 3 }),
    status: fc.constantFrom({}, { observedGeneration: 2 }),
  })
  .map(({ zone, toleratesGpu, generationKnown, ...rest }) =>
    daemonSet({
      ...rest,
      generation: 2,
      podSpec: {
        ...(zone && { nodeSelector: { zone: 'a' } }),
        ...(toleratesGpu && { tolerations: [{ key: 'gpu', operator: 'Exists' }] }),
      },
      ...(generationKnown && { annotations: { 'deprecated.daemonset.template.generation': '2' } }),
    }),
  );

const TAINTS = [
  'gpu:NoSchedule',
  'gpu:NoExecute',
  'gpu:PreferNoSchedule',
  'node.kubernetes.io/not-ready:NoExecute',
];

const nodeLists: fc.Arbitrary<readonly NodeRecord[]> = fc.subarray(NODE_POOL).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc
        .record({
          zone: fc.constantFrom('a', 'a', 'a', 'b'),
          down: fc.constantFrom(
            {},
            {},
            {},
            { notReadySince: secondsAgo(300) },
            { notReadySince: secondsAgo(5) },
          ),
          taints: fc.oneof(
            { weight: 3, arbitrary: fc.constant<string[]>([]) },
            { weight: 1, arbitrary: fc.subarray(TAINTS, { maxLength: 2 }) },
          ),
        })
        .map(({ zone, down, taints }) =>
          node(name, { labels: { zone }, taints: taints.map(taint), ...down }),
        ),
    ),
  ),
);

/** A pod with anything about it. */
const wildPods = fc.record(
  {
    on: fc.constantFrom(...NODE_POOL),
    bound: fc.constantFrom(true, true, true, false),
    ready: fc.constantFrom(true, true, false),
    hash: fc.constantFrom(...HASHES),
    templateGeneration: fc.constantFrom('1', '2'),
    labels,
    owner: owners,
    phase: fc.constantFrom<PodPhase>('Running', 'Running', 'Pending', 'Failed', 'Succeeded', 'Unknown'),
    readyFor: fc.integer({ min: 0, max: 60 }),
    terminating: fc.constantFrom(false, false, false, true),
    age: fc.integer({ min: 60, max: 120 }),
  },
  { requiredKeys: ['bound', 'ready', 'hash', 'labels', 'owner', 'phase', 'readyFor', 'terminating', 'age'] },
);

/** One pod, or an old and a new one, such as a node has in the middle of a rollout. */
function tidyPods(on: string): fc.Arbitrary<readonly PodOverrides[]> {
  const tidy = (hash: string): fc.Arbitrary<PodOverrides> =>
    fc.record({
      on: fc.constant(on),
      hash: fc.constant(hash),
      ready: fc.constantFrom(true, true, true, false),
      readyFor: fc.integer({ min: 0, max: 60 }),
      age: fc.integer({ min: 60, max: 120 }),
      phase: fc.constantFrom<PodPhase>('Running', 'Running', 'Running', 'Running', 'Running', 'Failed'),
    });
  return fc.oneof(
    { weight: 4, arbitrary: fc.tuple(tidy('old')) },
    { weight: 2, arbitrary: fc.tuple(tidy('new')) },
    { weight: 1, arbitrary: fc.tuple(tidy('twin')) },
    { weight: 1, arbitrary: fc.tuple(tidy('old'), tidy('new')) },
  );
}

/** Only a bound pod runs, and only a running pod is ready. */
function wellFormed(overrides: PodOverrides, index: number): PodRecord {
  const bound = overrides.on !== undefined && overrides.bound !== false;
  const phase = bound || overrides.phase !== 'Running' ? (overrides.phase ?? 'Running') : 'Pending';
  const ready = overrides.ready !== false && bound && phase === 'Running';
  return pod(`p${index}`, { ...overrides, bound, phase, ready });
}

/** The template as `new` and perhaps as `twin`, and templates of the past. */
function tidyRevisions(of: DaemonSet): fc.Arbitrary<readonly RevisionRecord[]> {
  const past = [revision('old', { number: 1 }), revision('older', { number: 2 })];
  return fc.constantFrom(
    [...past, revision('new', { of, number: 3, numberedAt: NUMBERED_AT })],
    [
      ...past,
      revision('new', { of, number: 4, numberedAt: NUMBERED_AT }),
      revision('twin', { of, number: 3 }),
    ],
  );
}

function wildRevisions(of: DaemonSet): fc.Arbitrary<readonly RevisionRecord[]> {
  const one = (hash: string, current: boolean): fc.Arbitrary<RevisionRecord> =>
    fc
      .record({
        number: fc.integer({ min: 1, max: 9 }),
        owner: owners,
        labels,
        labelled: fc.constantFrom(true, true, true, false),
      })
      .map((overrides) => revision(hash, { ...overrides, ...(current && { of, numberedAt: NUMBERED_AT }) }));
  return fc
    .tuple(one('new', true), one('twin', true), one('old', false), one('older', false))
    .chain((all) => fc.subarray(all));
}

const backoffs: fc.Arbitrary<FailedPodBackoff> = fc
  .subarray(NODE_POOL)
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc
          .record({ delaySeconds: fc.constantFrom(1, 8, 900), past: fc.constantFrom(0, 5, 100, 2000) })
          .map(({ delaySeconds, past }): [string, BackoffEntry] => [
            name,
            { delayMs: delaySeconds * 1000, since: secondsAgo(past) },
          ]),
      ),
    ),
  )
  .map((entries) => new Map(entries));

/**
 * Clusters of up to 8 nodes. Half of them have anything in them that a DaemonSet can meet: pods of all phases,
 * terminating, duplicate, unbound, orphaned, foreign, on vanished nodes, naming no node; revisions likewise. The
 * others are tidy ones in the middle of a rollout, for a rollout moves only where nothing is to be repaired.
 */
export const snapshots: fc.Arbitrary<Snapshot> = fc
  .tuple(daemonSets, nodeLists, fc.boolean())
  .chain(([set, nodes, tidy]) =>
    fc.record({
      daemonSet: fc.constant(set),
      nodes: fc.constant(nodes),
      pods: (tidy
        ? fc.tuple(...nodes.map(({ name }) => tidyPods(name))).map((lists) => lists.flat())
        : fc.array(wildPods, { maxLength: 16 })
      ).map((list) => list.map(wellFormed)),
      revisions: tidy ? tidyRevisions(set) : wildRevisions(set),
      backoff: backoffs,
    }),
  )
  .map((parts) => snapshot(parts));

/** The answers of §2.2 for the demands that `snapshots` can make, written a second time. */
export function isEligible({ spec }: DaemonSet, { labels: found, taints }: NodeRecord): boolean {
  const repelled = taints.some(({ key, effect }) => key === 'gpu' && effect !== 'PreferNoSchedule');
  return inZone(spec, found) && (toleratesGpu(spec) || !repelled);
}

export function mayKeepPod({ spec }: DaemonSet, { labels: found, taints }: NodeRecord): boolean {
  const evicted = taints.some(({ key, effect }) => key === 'gpu' && effect === 'NoExecute');
  return inZone(spec, found) && (toleratesGpu(spec) || !evicted);
}

function inZone(spec: DaemonSet['spec'], found: NodeRecord['labels']): boolean {
  return spec.template.spec?.nodeSelector === undefined || found['zone'] === 'a';
}

function toleratesGpu(spec: DaemonSet['spec']): boolean {
  return (spec.template.spec?.tolerations?.length ?? 0) > 0;
}

/** Whether the pod is the DaemonSet's after claims: its own that match, and matching orphans. */
export function isOurs({ labels: found, controller, terminating }: PodRecord): boolean {
  if (found['app'] !== 'demo') return false;
  return controller === undefined ? !terminating : controller.name === 'demo';
}
