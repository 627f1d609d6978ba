import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import type { NodeRecord } from '../../src/api/node.ts';
import type { PodRecord, PodSpec } from '../../src/api/pod.ts';
import { compileEligibility } from '../../src/core/scheduling/eligibility.ts';
import type { Change } from '../../src/kube/informer.ts';
import { isMoreThanHeartbeat, keyOf, keysForNode } from '../../src/cache/triggers.ts';
import { daemonSet } from '../builders/daemonset.ts';
import { node, type NodeOverrides, taint } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { daemonSetNamed, ownedBy } from '../syncloop/objects.ts';
import { lookupIn } from './trigger-lookup.ts';

const gpu = { key: 'dedicated', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' };
const zoneA: PodSpec = { nodeSelector: { zone: 'a' } };

const everywhere = daemonSetNamed('everywhere');
const inZoneA = daemonSetNamed('in-zone-a', { namespace: 'other' }, { podSpec: zoneA });
const onGpus = daemonSetNamed('on-gpus', {}, { podSpec: { tolerations: [gpu] } });
const all = ['default/everywhere', 'other/in-zone-a', 'default/on-gpus'];

const n1 = (taints: readonly string[] = [], labels: NodeOverrides['labels'] = { zone: 'a' }): NodeRecord =>
  node('n1', { labels, taints: taints.map(taint) });
const update = (old: NodeRecord, after: NodeRecord): Change<NodeRecord> => ({
  type: 'update',
  old,
  new: after,
});
const podOf = (of: DaemonSet, on = 'n1'): PodRecord => ({ ...pod('p1', { on }), ...ownedBy(of) });

describe('§2.4 the DaemonSets that a node concerns', () => {
  type Case = readonly [Change<NodeRecord>, readonly string[], (readonly PodRecord[])?];
  const inZoneB = n1([], { zone: 'b' });
  const cases: Record<string, Case> = {
    'a new node: those that run there': [{ type: 'add', new: n1() }, all],
    'a new node: not those that cannot': [
      { type: 'add', new: inZoneB },
      ['default/everywhere', 'default/on-gpus'],
    ],
    'a new node that nobody may run on, and that has a pod already: whose pod it is': [
      { type: 'add', new: n1(['down:NoExecute'], { zone: 'b' }) },
      ['other/in-zone-a'],
      [podOf(inZoneA)],
    ],
    'a node that is gone: those that ran there, pod or not': [{ type: 'delete', old: n1() }, all],
    'a node that is gone: not those that had nothing to do with it': [
      { type: 'delete', old: n1(['down:NoExecute']) },
      [],
      [podOf(everywhere, 'n2')],
    ],
    'a node that is gone with a misplaced pod: whose pod it is': [
      { type: 'delete', old: n1(['down:NoExecute']) },
      ['default/everywhere'],
      [podOf(everywhere)],
    ],
    'a node that is gone with pods of other controllers: nobody more': [
      { type: 'delete', old: n1(['down:NoExecute']) },
      [],
      [pod('p1', { on: 'n1', owner: 'other' }), pod('p2', { on: 'n1', owner: 'nobody' })],
    ],
    'a label that one asks for: that one': [update(inZoneB, n1()), ['other/in-zone-a']],
    'the label taken away again: that one': [update(n1(), n1([], {})), ['other/in-zone-a']],
    'a label that nobody asks for: nobody': [
      update(n1(), n1([], { zone: 'a', disk: 'ssd' })),
      [],
      [podOf(everywhere)],
    ],
    'a new NoSchedule taint: those that do not tolerate it': [
      update(n1(), n1(['dedicated=gpu:NoSchedule'])),
      ['default/everywhere', 'other/in-zone-a'],
    ],
    'the value of a taint: who tolerates only the one': [
      update(n1(['dedicated=gpu:NoSchedule']), n1(['dedicated=cpu:NoSchedule'])),
      ['default/on-gpus'],
    ],
    'the effect of a taint, from NoSchedule to NoExecute: all whose pods must go': [
      update(n1(['down:NoSchedule']), n1(['down:NoExecute'])),
      all,
    ],
    'a PreferNoSchedule taint: nobody': [update(n1(), n1(['busy:PreferNoSchedule'])), []],
    'a taint that every daemon tolerates: nobody': [
      update(n1(), n1(['node.kubernetes.io/not-ready:NoExecute'])),
      [],
    ],
    'the same taints in another order: nobody': [
      update(n1(['a:NoSchedule', 'b:NoSchedule']), n1(['b:NoSchedule', 'a:NoSchedule'])),
      [],
    ],
    'a node of which only the resourceVersion changed: nobody, pods or not': [
      update(n1(), { ...n1(), resourceVersion: '2' }),
      [],
      [podOf(everywhere)],
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [change, expected, pods]) => {
    const lookup = lookupIn([everywhere, inZoneA, onGpus], pods);
    expect(keysForNode(change, lookup)).toEqual(expected);
  });

  it('judges by a template that was changed', () => {
    const change: Change<NodeRecord> = { type: 'add', new: inZoneB };
    const before = daemonSetNamed('demo', {}, { podSpec: zoneA });
    const after = daemonSetNamed('demo', {}, { podSpec: { nodeSelector: { zone: 'b' } } });
    expect(keysForNode(change, lookupIn([before]))).toEqual([]);
    expect(keysForNode(change, lookupIn([after]))).toEqual(['default/demo']);
  });
});

const podSpecs: fc.Arbitrary<PodSpec> = fc.record(
  {
    nodeSelector: fc.constantFrom({ zone: 'a' }, { zone: 'b' }, { disk: 'ssd' }),
    nodeName: fc.constantFrom('n1', 'n2'),
    tolerations: fc.subarray([gpu, { key: 'dedicated', operator: 'Exists' }, { operator: 'Exists' }]),
    affinity: fc.constant({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'NotIn', values: ['hdd'] }] }],
        },
      },
    }),
  },
  { requiredKeys: [] },
);

const looks: fc.Arbitrary<NodeRecord> = fc
  .record({
    labels: fc.record(
      { zone: fc.constantFrom('a', 'b'), disk: fc.constantFrom('ssd', 'hdd') },
      { requiredKeys: [] },
    ),
    taints: fc.subarray([
      'dedicated=gpu:NoSchedule',
      'dedicated=cpu:NoSchedule',
      'dedicated=gpu:NoExecute',
      'node.kubernetes.io/unschedulable:NoSchedule',
      'busy:PreferNoSchedule',
    ]),
  })
  .map(({ labels, taints }) => n1(taints, labels));

function answers({ spec }: DaemonSet, of: NodeRecord | undefined): string {
  if (!of) return 'false false';
  const { shouldRun, shouldContinueRunning } = compileEligibility(spec.template.spec ?? {})(of);
  return `${shouldRun} ${shouldContinueRunning}`;
}

function changeOf(old: NodeRecord | undefined, after: NodeRecord | undefined): Change<NodeRecord> {
  if (old && after) return update(old, after);
  if (after) return { type: 'add', new: after };
  if (old) return { type: 'delete', old };
  throw new Error('a change has at least one side');
}

describe('keysForNode, against asking every DaemonSet about both nodes', () => {
  const sides = fc
    .tuple(fc.option(looks, { nil: undefined }), fc.option(looks, { nil: undefined }))
    .filter(([old, after]) => old !== undefined || after !== undefined);

  it('names exactly those whose answers differ, and who has a pod on a node that came or went', () => {
    const cluster = fc.array(fc.tuple(podSpecs, fc.boolean()), { maxLength: 6 });
    fc.assert(
      fc.property(cluster, sides, (specs, [old, after]) => {
        const sets = specs.map(([podSpec], index) => daemonSetNamed(`ds-${index}`, {}, { podSpec }));
        const hosts = sets.filter((_, index) => specs[index]?.[1]);
        const lookup = lookupIn(
          sets,
          hosts.map((set) => podOf(set)),
        );
        const stays = old !== undefined && after !== undefined;
        const expected = sets.filter(
          (set) => answers(set, old) !== answers(set, after) || (!stays && hosts.includes(set)),
        );
        expect(keysForNode(changeOf(old, after), lookup)).toEqual(
          expected.map(({ metadata }) => keyOf(metadata)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('a node that goes down or comes back', () => {
  it.each([
    ['concerns whose pod on it is not ready, for conditions name NodeNotReady', false, ['default/demo']],
    ['does not concern whose pod on it is ready', true, []],
  ])('%s', (_, ready, expected) => {
    const set = daemonSet({ podSpec: { tolerations: [{ operator: 'Exists' }] } });
    const there = pod('p1', { on: 'n1', phase: ready ? 'Running' : 'Pending', ready });
    const change: Change<NodeRecord> = {
      type: 'update',
      old: node('n1'),
      new: node('n1', { notReadySince: 1 }),
    };
    expect(keysForNode(change, { ...lookupIn([set], [there]), daemonSet: () => set })).toEqual(expected);
  });

  it('concerns those that have no pod there yet, and not those that are to have none', () => {
    const down = n1(['dedicated=gpu:NoSchedule']);
    const lookup = lookupIn([everywhere, inZoneA, onGpus]);
    for (const change of [
      update(down, { ...down, notReadySince: 1 }),
      update({ ...down, notReadySince: 1 }, down),
    ]) {
      expect(keysForNode(change, lookup)).toEqual(['default/on-gpus']);
    }
    const still = update({ ...down, notReadySince: 1 }, { ...down, notReadySince: 1, resourceVersion: '2' });
    expect(keysForNode(still, lookup)).toEqual([]);
  });
});

describe('isMoreThanHeartbeat', () => {
  const before = n1(['busy:NoSchedule'], { zone: 'a' });

  it.each<[string, Change<NodeRecord>, boolean]>([
    ['a new node', { type: 'add', new: before }, true],
    ['a node that is gone', { type: 'delete', old: before }, true],
    ['another resourceVersion', update(before, { ...before, resourceVersion: '2' }), false],
    ['another taint', update(before, n1(['busy:NoExecute'])), true],
    ['a label more', update(before, n1(['busy:NoSchedule'], { zone: 'a', disk: 'ssd' })), true],
    ['going down', update(before, { ...before, notReadySince: 1 }), true],
    [
      'being down since another time',
      update({ ...before, notReadySince: 1 }, { ...before, notReadySince: 2 }),
      true,
    ],
    ['staying down', update({ ...before, notReadySince: 1 }, { ...before, notReadySince: 1 }), false],
    ['coming back', update({ ...before, notReadySince: 1 }, before), true],
  ])('of %s', (_, change, wanted) => {
    expect(isMoreThanHeartbeat(change)).toBe(wanted);
  });
});
