import { describe, expect, it } from 'vitest';
import type { RevisionManifest } from '../../src/api/revision.ts';
import { dataDigest, revisionData } from '../../src/core/history/revision-data.ts';
import { controllerRefOf } from '../../src/core/ownership/claim.ts';
import type { HistoryAction } from '../../src/core/plan.ts';
import { applyHistory, deleteRevision, RevisionCollisionError } from '../../src/syncloop/apply-history.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { applyContext } from './apply-context.ts';
import { FakeClient, refusal } from './fake-client.ts';
import { daemonSetNamed } from './objects.ts';
import { rawPod, rawRevision } from './raw-objects.ts';

const demo = daemonSetNamed('demo');
const data = revisionData(demo.spec.template);
const manifest: RevisionManifest = {
  name: 'demo-new',
  namespace: 'default',
  labels: { app: 'demo', 'controller-revision-hash': 'new' },
  annotations: {},
  ownerReferences: [controllerRefOf(demo)],
  revision: 3,
  data,
};
const create: HistoryAction = { kind: 'createRevision', manifest, dataDigest: dataDigest(data) };

const created = { ...revision('new', { number: 3 }), resourceVersion: '7' };
const sameData = rawRevision(created, JSON.parse(data));
const otherData = rawRevision(created, { spec: { template: { metadata: { labels: { app: 'demo' } } } } });
const taken = refusal(409, 'AlreadyExists');
const counted = daemonSetNamed('demo', { resourceVersion: '21' }, { status: { collisionCount: 1 } });

describe('§5.8 a new revision', () => {
  it('is created with its data byte for byte', async () => {
    const exact = '{"spec":{"template":{"$patch":"replace","z":1,"a":12345678901234567890,"x":"a\\u003cb"}}}';
    const annotations = { note: 'a < b & c' };
    const client = new FakeClient().answer('create ControllerRevision', sameData);
    const action: HistoryAction = { ...create, manifest: { ...manifest, annotations, data: exact } };
    await applyHistory(applyContext(client), [action]);
    expect(client.summary).toEqual(['create ControllerRevision default']);
    expect(client.calls[0]?.body).toBe(
      '{"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"demo-new",' +
        '"namespace":"default","labels":{"app":"demo","controller-revision-hash":"new"},' +
        '"annotations":{"note":"a \\u003c b \\u0026 c"},"ownerReferences":[{"apiVersion":"apps/v1",' +
        '"kind":"DaemonSet","name":"demo","uid":"uid-demo","controller":true,"blockOwnerDeletion":true}]},' +
        `"revision":3,"data":${exact}}`,
    );
  });

  it('is remembered as the server stored it', async () => {
    const context = applyContext(new FakeClient().answer('create ControllerRevision', sameData));
    await applyHistory(context, [create]);
    expect(context.memory.told).toEqual(['wrote revision demo-new at 7']);
  });

  it('is an error when the server refuses it', async () => {
    const forbidden = refusal(403, 'Forbidden');
    const client = new FakeClient().answer('create ControllerRevision', forbidden);
    await expect(applyHistory(applyContext(client), [create])).rejects.toBe(forbidden);
    expect(client.calls).toHaveLength(1);
  });
});

describe('§5.8 a new revision whose name is taken', () => {
  it('will do when it holds the same data, whoever owns it', async () => {
    const client = new FakeClient()
      .answer('create ControllerRevision', taken)
      .answer('get ControllerRevision', sameData);
    await applyHistory(applyContext(client), [create]);
    expect(client.summary).toEqual([
      'create ControllerRevision default',
      'get ControllerRevision default/demo-new',
    ]);
  });

  const collision = (): FakeClient =>
    new FakeClient()
      .answer('create ControllerRevision', taken)
      .answer('get ControllerRevision', otherData)
      .answer('patch DaemonSet/status', counted);

  it.each([
    ['none', undefined, 1],
    ['one', 1, 2],
  ])('by other data is counted as a collision, after %s', async (_, before, after) => {
    const status = before === undefined ? {} : { status: { collisionCount: before } };
    const live = daemonSetNamed('demo', { resourceVersion: '20' }, status);
    const client = collision().answer('get DaemonSet', live);
    const context = applyContext(client, { daemonSet: daemonSetNamed('demo', {}, status) });
    const failure = applyHistory(context, [create]);
    await expect(failure).rejects.toBeInstanceOf(RevisionCollisionError);
    await expect(failure).rejects.toThrow(
      `ControllerRevision default/demo-new holds another template; raised status.collisionCount to ${after}`,
    );
    expect(client.calls.at(-1)).toEqual({
      what: 'patch DaemonSet/status',
      key: 'default/demo',
      body: { metadata: { uid: 'uid-demo', resourceVersion: '20' }, status: { collisionCount: after } },
      options: { type: 'merge', subresource: 'status' },
    });
    expect(context.memory.told).toEqual(['wrote DaemonSet demo at 21']);
  });

  it('is not counted twice: the live count is ahead of the one that the name was made with', async () => {
    const client = collision().answer('get DaemonSet', counted);
    const failure = applyHistory(applyContext(client), [create]);
    await expect(failure).rejects.toBeInstanceOf(RevisionCollisionError);
    await expect(failure).rejects.toThrow(
      'found a stale collision count (0, expected 1) of DaemonSet default/demo; trying again',
    );
    expect(client.callsOf('patch DaemonSet/status')).toEqual([]);
  });

  it('is an error when the count cannot be raised', async () => {
    const conflict = refusal(409, 'Conflict');
    const client = collision().answer('get DaemonSet', demo).answer('patch DaemonSet/status', conflict);
    const context = applyContext(client);
    await expect(applyHistory(context, [create])).rejects.toBe(conflict);
    expect(context.memory.told).toEqual([]);
  });

  it('is an error when what holds the name went away again', async () => {
    const gone = refusal(404, 'NotFound');
    const client = collision().answer('get ControllerRevision', gone);
    await expect(applyHistory(applyContext(client), [create])).rejects.toBe(gone);
  });
});

describe('§5.8 changes to what is there', () => {
  const old = revision('old', { number: 1 });
  const p1 = pod('p1', { on: 'n1' });
  const willing = (): FakeClient =>
    new FakeClient()
      .answer('patch ControllerRevision', rawRevision({ ...old, resourceVersion: '8' }))
      .answer('patch Pod', rawPod({ ...p1, resourceVersion: '9' }))
      .answer('delete ControllerRevision', {});

  const label = (hash: string): object => ({ metadata: { labels: { 'controller-revision-hash': hash } } });
  const cases: Record<string, readonly [HistoryAction, string, object, string]> = {
    'renumbers a revision': [
      { kind: 'renumberRevision', revision: old, to: 5 },
      'patch ControllerRevision default/demo-old',
      { revision: 5 },
      'wrote revision demo-old at 8',
    ],
    'labels a revision': [
      { kind: 'labelRevision', revision: old, hash: 'demo-old' },
      'patch ControllerRevision default/demo-old',
      label('demo-old'),
      'wrote revision demo-old at 8',
    ],
    'relabels a pod': [
      { kind: 'relabelPod', pod: p1, hash: 'new' },
      'patch Pod default/p1',
      label('new'),
      'wrote pod at 9',
    ],
  };

  it.each(Object.entries(cases))('%s', async (_, [action, call, body, told]) => {
    const client = willing();
    const context = applyContext(client);
    await applyHistory(context, [action]);
    expect(client.summary).toEqual([call]);
    expect(client.calls[0]).toMatchObject({ body, options: { type: 'merge' } });
    expect(context.memory.told).toEqual([told]);
  });

  it('deletes a revision by its uid', async () => {
    const client = willing();
    await applyHistory(applyContext(client), [{ kind: 'deleteRevision', revision: old }]);
    expect(client.calls).toEqual([
      {
        what: 'delete ControllerRevision',
        key: 'default/demo-old',
        options: { uid: 'uid-revision-old' },
      },
    ]);
  });

  it('takes the actions one after the other, and stops at the first that fails', async () => {
    const refused = refusal(500, 'InternalError');
    const client = willing().answer('patch Pod', refused);
    const actions: readonly HistoryAction[] = [
      { kind: 'labelRevision', revision: old, hash: 'demo-old' },
      { kind: 'relabelPod', pod: p1, hash: 'new' },
      { kind: 'deleteRevision', revision: old },
    ];
    await expect(applyHistory(applyContext(client), actions)).rejects.toBe(refused);
    expect(client.summary).toEqual(['patch ControllerRevision default/demo-old', 'patch Pod default/p1']);
  });
});

describe('deleteRevision', () => {
  it.each([
    ['gone already: fine', refusal(404, 'NotFound'), 'fine'],
    ['replaced by another of its name: an error', refusal(409, 'Conflict'), 'an error'],
    ['refused: an error', refusal(403, 'Forbidden'), 'an error'],
  ])('%s', async (_, answer, expected) => {
    const client = new FakeClient().answer('delete ControllerRevision', answer);
    const deletion = deleteRevision(applyContext(client), revision('old')).then(
      () => 'fine',
      (error: unknown) => (error === answer ? 'an error' : error),
    );
    expect(await deletion).toBe(expected);
  });
});
