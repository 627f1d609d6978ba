import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import { newDaemonPod } from '../../src/core/placement/daemon-pod.ts';
import { applyPlan } from '../../src/syncloop/apply.ts';
import { NOW } from '../builders/clock.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { applyContext } from './apply-context.ts';
import { FakeClient, refusal } from './fake-client.ts';
import { daemonSetNamed } from './objects.ts';
import { rawPod, rawRevision } from './raw-objects.ts';

const demo = daemonSetNamed('demo');
const manifest = newDaemonPod(
  demo,
  {},
  { node: 'n1', revision: { hash: 'new', templateGeneration: undefined } },
);

const NOTHING: Plan = {
  claims: [],
  history: [],
  createPods: [],
  deletePods: [],
  cleanup: [],
  events: [],
  backoff: new Map(),
};

/** A plan with something in every step. */
const EVERYTHING: Plan = {
  claims: [{ kind: 'releasePod', pod: pod('released') }],
  history: [{ kind: 'renumberRevision', revision: revision('new'), to: 3 }],
  createPods: [{ node: 'n1', manifest, reason: 'Missing' }],
  deletePods: [{ pod: pod('outdated'), reason: 'Outdated' }],
  cleanup: [revision('ancient')],
  status: { observedGeneration: 2, numberReady: 1 },
  events: [{ type: 'Warning', reason: 'FailedDaemonPod', message: 'will try to kill it' }],
  backoff: new Map([['n1', { delayMs: 1000, since: NOW }]]),
};

const CALLS = [
  'patch Pod default/released',
  'patch ControllerRevision default/demo-new',
  'create Pod default',
  'delete Pod default/outdated',
  'delete ControllerRevision default/demo-ancient',
  'patch DaemonSet/status default/demo',
];

function willing(): FakeClient {
  return new FakeClient()
    .answer('patch Pod', rawPod({ ...pod('released'), resourceVersion: '11' }))
    .answer('patch ControllerRevision', rawRevision({ ...revision('new'), resourceVersion: '12' }))
    .answer('create Pod', rawPod({ ...pod('created'), resourceVersion: '13' }))
    .answer('delete Pod', {})
    .answer('delete ControllerRevision', {})
    .answer('patch DaemonSet/status', daemonSetNamed('demo', { resourceVersion: '14' }));
}

const quota = refusal(403, 'Forbidden');
const trouble = refusal(500, 'InternalError');
const conflict = refusal(409, 'Conflict');

describe('the steps of a plan', () => {
  it('are claims, history, pods, clean-up, status', async () => {
    const client = willing();
    await applyPlan(applyContext(client), EVERYTHING);
    expect(client.summary).toEqual(CALLS);
  });

  it('are told, and remembered', async () => {
    const context = applyContext(willing());
    await applyPlan(context, EVERYTHING);
    expect(context.events).toEqual([
      'Warning FailedDaemonPod will try to kill it',
      'Normal SuccessfulCreate Created pod: created',
      'Normal SuccessfulDelete Deleted pod: outdated',
    ]);
    expect(context.memory.told).toEqual([
      'wrote pod at 11',
      'wrote revision demo-new at 12',
      'remembered back-off of n1',
      'wrote pod at 13',
      'deleted pod outdated',
      'wrote DaemonSet demo at 14',
    ]);
  });

  it('are left out where the plan has none', async () => {
    const client = new FakeClient();
    await applyPlan(applyContext(client), NOTHING);
    expect(client.calls).toEqual([]);
  });
});

describe('the status', () => {
  const plan: Plan = { ...NOTHING, status: { observedGeneration: 2 } };

  it('is written by uid and without touching the other fields', async () => {
    const client = willing();
    await applyPlan(applyContext(client), plan);
    expect(client.calls).toMatchObject([
      {
        what: 'patch DaemonSet/status',
        key: 'default/demo',
        body: { metadata: { uid: 'uid-demo' }, status: { observedGeneration: 2 } },
        options: { type: 'strategic', subresource: 'status' },
      },
    ]);
  });

  it('of a DaemonSet that is gone interests nobody', async () => {
    const context = applyContext(willing().answer('patch DaemonSet/status', refusal(404, 'NotFound')));
    await expect(applyPlan(context, plan)).resolves.toBeUndefined();
    expect(context.memory.told).not.toContain('wrote DaemonSet demo at 14');
  });

  it.each([
    ['is refused', quota],
    ['is that of another DaemonSet of its name', conflict],
  ])('that %s is an error', async (_, answer) => {
    const context = applyContext(willing().answer('patch DaemonSet/status', answer));
    await expect(applyPlan(context, plan)).rejects.toBe(answer);
  });
});

describe('§0, §6.3 what a failed step leaves out', () => {
  type Case = {
    readonly fails: string;
    readonly leavesOut: readonly string[];
    readonly forgets?: true;
  };
  const cases: Record<string, Case> = {
    'claims: everything, the status too': {
      fails: 'patch Pod',
      leavesOut: CALLS.slice(1),
      forgets: true,
    },
    'history: pods and status': {
      fails: 'patch ControllerRevision',
      leavesOut: CALLS.slice(2),
      forgets: true,
    },
    'creations: only the clean-up': {
      fails: 'create Pod',
      leavesOut: ['delete ControllerRevision default/demo-ancient'],
    },
    'deletions: only the clean-up': {
      fails: 'delete Pod',
      leavesOut: ['delete ControllerRevision default/demo-ancient'],
    },
    'the clean-up: nothing': { fails: 'delete ControllerRevision', leavesOut: [] },
    'the status: nothing': { fails: 'patch DaemonSet/status', leavesOut: [] },
  };

  it.each(Object.entries(cases))('%s', async (_, { fails, leavesOut, forgets }) => {
    const client = willing().answer(fails, quota);
    const context = applyContext(client);
    await expect(applyPlan(context, EVERYTHING)).rejects.toBe(quota);
    expect(client.summary).toEqual(CALLS.filter((call) => !leavesOut.includes(call)));
    const remembered = context.memory.told.includes('remembered back-off of n1');
    expect({
      remembered,
      told: context.events.includes('Warning FailedDaemonPod will try to kill it'),
    }).toEqual(forgets ? { remembered: false, told: false } : { remembered: true, told: true });
  });
});

describe('several failures', () => {
  it('come together, each message once', async () => {
    const client = willing()
      .answer('create Pod', quota)
      .answer('delete Pod', trouble)
      .answer('patch DaemonSet/status', refusal(403, 'Forbidden'));
    await expect(applyPlan(applyContext(client), EVERYTHING)).rejects.toMatchObject({
      name: 'AggregateError',
      message: 'the server said Forbidden; the server said InternalError',
      errors: [quota, trouble, refusal(403, 'Forbidden')],
    });
  });

  it('of the clean-up are collected, for every revision is tried', async () => {
    const client = willing().answer('delete ControllerRevision default/demo-a', conflict);
    const cleanup = [revision('a'), revision('b')];
    await expect(applyPlan(applyContext(client), { ...EVERYTHING, cleanup })).rejects.toBe(conflict);
    expect(client.callsOf('delete ControllerRevision').map(({ key }) => key)).toEqual([
      'default/demo-a',
      'default/demo-b',
    ]);
  });
});
