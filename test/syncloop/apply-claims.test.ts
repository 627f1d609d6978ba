import { describe, expect, it } from 'vitest';
import type { ClaimAction } from '../../src/core/plan.ts';
import type { ApiError } from '../../src/kube/errors.ts';
import { applyClaims, StaleOwnerError } from '../../src/syncloop/apply-claims.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { applyContext } from './apply-context.ts';
import { FakeClient, refusal } from './fake-client.ts';
import { daemonSetNamed } from './objects.ts';
import { rawPod, rawRevision } from './raw-objects.ts';

const p1 = pod('p1', { on: 'n1' });
const r1 = revision('a');
const adoptPod: ClaimAction = { kind: 'adoptPod', pod: p1 };
const releasePod: ClaimAction = { kind: 'releasePod', pod: p1 };
const adoptRevision: ClaimAction = { kind: 'adoptRevision', revision: r1 };
const releaseRevision: ClaimAction = { kind: 'releaseRevision', revision: r1 };

const OWNER = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  name: 'demo',
  uid: 'uid-demo',
  controller: true,
  blockOwnerDeletion: true,
};

/** A server on which all goes well. */
function willing(): FakeClient {
  return new FakeClient()
    .answer('get DaemonSet', daemonSetNamed('demo'))
    .answer('patch Pod', rawPod({ ...p1, resourceVersion: '7' }))
    .answer('patch ControllerRevision', rawRevision({ ...r1, resourceVersion: '8' }));
}

describe('§4.1 patches', () => {
  const cases: Record<string, readonly [ClaimAction, string, object]> = {
    'adopts a pod': [
      adoptPod,
      'patch Pod default/p1',
      { metadata: { uid: 'uid-p1', ownerReferences: [OWNER] } },
    ],
    'releases a pod': [
      releasePod,
      'patch Pod default/p1',
      { metadata: { uid: 'uid-p1', ownerReferences: [{ $patch: 'delete', uid: 'uid-demo' }] } },
    ],
    'adopts a revision': [
      adoptRevision,
      'patch ControllerRevision default/demo-a',
      { metadata: { uid: 'uid-revision-a', ownerReferences: [OWNER] } },
    ],
    'releases a revision': [
      releaseRevision,
      'patch ControllerRevision default/demo-a',
      { metadata: { uid: 'uid-revision-a', ownerReferences: [{ $patch: 'delete', uid: 'uid-demo' }] } },
    ],
  };

  it.each(Object.entries(cases))('%s by its uid, so that no other of its name is hit', async (_, row) => {
    const [action, call, body] = row;
    const client = willing();
    await applyClaims(applyContext(client), [action]);
    expect(client.summary.at(-1)).toBe(call);
    expect(client.calls.at(-1)).toMatchObject({ body, options: { type: 'strategic' } });
  });

  it('remembers what it wrote', async () => {
    const context = applyContext(willing());
    await applyClaims(context, [adoptPod, adoptRevision]);
    expect(context.memory.told.toSorted()).toEqual(['wrote pod at 7', 'wrote revision demo-a at 8']);
  });
});

describe('§4.1 the live look at the DaemonSet before adoption', () => {
  it('happens once for all adoptions, and before the first of them', async () => {
    const client = willing();
    await applyClaims(applyContext(client), [adoptRevision, adoptPod]);
    expect(client.summary).toEqual([
      'get DaemonSet default/demo',
      'patch ControllerRevision default/demo-a',
      'patch Pod default/p1',
    ]);
  });

  it.each([
    ['a pod', adoptPod],
    ['a revision', adoptRevision],
  ])('happens for %s alone', async (_, action) => {
    const client = willing();
    await applyClaims(applyContext(client), [action]);
    expect(client.summary[0]).toBe('get DaemonSet default/demo');
  });

  it.each([
    ['only releases', [releasePod, releaseRevision]],
    ['no claims', []],
  ])('does not happen for %s', async (_, claims) => {
    const client = willing();
    await applyClaims(applyContext(client), claims);
    expect(client.callsOf('get DaemonSet')).toEqual([]);
  });

  it.each([
    [
      'was re-created',
      daemonSetNamed('demo', { uid: 'uid-new' }),
      'original DaemonSet default/demo is gone: got uid uid-new, wanted uid-demo',
    ],
    [
      'is being deleted',
      daemonSetNamed('demo', {}, { deletionTimestamp: '2026-01-15T12:00:00Z' }),
      'DaemonSet default/demo has just been deleted at 2026-01-15T12:00:00Z',
    ],
  ])('stops everything when it %s', async (_, live, message) => {
    const client = willing().answer('get DaemonSet', live);
    const context = applyContext(client);
    const failure = applyClaims(context, [adoptPod, adoptRevision]);
    await expect(failure).rejects.toBeInstanceOf(StaleOwnerError);
    await expect(failure).rejects.toThrow(message);
    expect(client.summary).toEqual(['get DaemonSet default/demo']);
    expect(context.memory.told).toEqual([]);
  });

  it.each([
    ['is gone', refusal(404, 'NotFound')],
    ['cannot be read', refusal(500, 'InternalError')],
  ])('stops everything when it %s', async (_, answer) => {
    const client = willing().answer('get DaemonSet', answer);
    await expect(applyClaims(applyContext(client), [adoptPod])).rejects.toThrow();
    expect(client.callsOf('patch Pod')).toEqual([]);
  });
});

describe('§4.1 refusals', () => {
  const gone = refusal(404, 'NotFound');
  const invalid = refusal(422, 'Invalid');
  const conflict = refusal(409, 'Conflict');

  const fine: Record<string, readonly [ClaimAction, string, ApiError]> = {
    'a pod that is gone': [releasePod, 'patch Pod', gone],
    'a pod that was released already': [releasePod, 'patch Pod', invalid],
    'a revision that is gone': [releaseRevision, 'patch ControllerRevision', gone],
    'a revision that was released already': [releaseRevision, 'patch ControllerRevision', invalid],
  };
  it.each(Object.entries(fine))('releasing %s is fine', async (_, [action, call, answer]) => {
    const context = applyContext(willing().answer(call, answer));
    await expect(applyClaims(context, [action])).resolves.toBeUndefined();
    expect(context.memory.told).toEqual([]);
  });

  const errors: Record<string, readonly [ClaimAction, string, ApiError]> = {
    'adopting a pod that is gone': [adoptPod, 'patch Pod', gone],
    '§9.1.8 adopting a pod that somebody else controls': [adoptPod, 'patch Pod', invalid],
    'adopting a revision that is gone': [adoptRevision, 'patch ControllerRevision', gone],
    'adopting a revision that somebody else controls': [adoptRevision, 'patch ControllerRevision', invalid],
    'releasing a pod that was replaced': [releasePod, 'patch Pod', conflict],
    'releasing while the server is in trouble': [releasePod, 'patch Pod', refusal(500, 'InternalError')],
  };
  it.each(Object.entries(errors))('%s is an error', async (_, [action, call, answer]) => {
    const context = applyContext(willing().answer(call, answer));
    await expect(applyClaims(context, [action])).rejects.toBe(answer);
    expect(context.memory.told).toEqual([]);
  });

  it('one refusal does not keep the others from being claimed', async () => {
    const p2 = pod('p2', { on: 'n2' });
    const client = willing().answer('patch Pod default/p2', invalid);
    const context = applyContext(client);
    const claims: readonly ClaimAction[] = [{ kind: 'adoptPod', pod: p2 }, adoptPod];
    await expect(applyClaims(context, claims)).rejects.toBe(invalid);
    expect(context.memory.told).toEqual(['wrote pod at 7']);
  });

  it('several refusals come as one error', async () => {
    const client = willing().answer('patch Pod', invalid).answer('patch ControllerRevision', conflict);
    const failure = applyClaims(applyContext(client), [adoptPod, adoptRevision]);
    await expect(failure).rejects.toMatchObject({ errors: [invalid, conflict] });
    await expect(failure).rejects.toBeInstanceOf(AggregateError);
  });
});
