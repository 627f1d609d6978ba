import { describe, expect, it } from 'vitest';
import type { PodRecord } from '../../src/api/pod.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import type { Change } from '../../src/kube/informer.ts';
import { keyOf, keysForOwned, keysForSeen } from '../../src/cache/triggers.ts';
import { pod, type PodOverrides } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { daemonSetNamed, ownedBy } from '../syncloop/objects.ts';
import { lookupIn } from './trigger-lookup.ts';

const web = { matchLabels: { app: 'web' } };
const demo = daemonSetNamed('demo');
const twin = daemonSetNamed('twin');
const lookup = lookupIn([
  demo,
  twin,
  daemonSetNamed('web', {}, { selector: web }),
  daemonSetNamed('demo', { namespace: 'elsewhere', uid: 'uid-far' }),
]);

const added = (after: PodRecord): Change<PodRecord> => ({ type: 'add', new: after });
const deleted = (before: PodRecord): Change<PodRecord> => ({ type: 'delete', old: before });
const updated = (old: PodRecord, after: PodRecord): Change<PodRecord> => ({
  type: 'update',
  old,
  new: after,
});

const ours = (overrides: PodOverrides = {}): PodRecord => pod('p1', { on: 'n1', ...overrides });
const orphan = (overrides: PodOverrides = {}): PodRecord => ours({ owner: 'nobody', ...overrides });
const twins: PodRecord = { ...ours(), ...ownedBy(twin) };
const webLabels = { app: 'web' };
const strange = { app: 'strange' };

describe('keyOf', () => {
  it('names cluster-scoped objects too', () => {
    expect(keyOf({ namespace: 'default', name: 'demo' })).toBe('default/demo');
    expect(keyOf({ name: 'n1' })).toBe('/n1');
  });
});

describe('§6.4 the DaemonSets that a pod concerns', () => {
  const cases: Record<string, readonly [Change<PodRecord>, readonly string[]]> = {
    'a new pod: its controller': [added(ours()), ['default/demo']],
    'a pod that is gone: its controller': [deleted(ours()), ['default/demo']],
    '§4.3 a new orphan: all of its namespace that select it': [
      added(orphan()),
      ['default/demo', 'default/twin'],
    ],
    'a new orphan with other labels: who selects those': [
      added(orphan({ labels: webLabels })),
      ['default/web'],
    ],
    'a new orphan that nobody selects: nobody': [added(orphan({ labels: strange })), []],
    'an orphan that is gone: nobody': [deleted(orphan()), []],
    'a pod of another kind of controller: nobody': [added(ours({ owner: 'other' })), []],
    'a pod of a controller of our name but another kind: nobody': [
      added({ ...ours(), controller: { kind: 'ReplicaSet', name: 'demo', uid: 'uid-demo' } }),
      [],
    ],
    'a pod of a DaemonSet that was re-created since: nobody': [
      added({ ...ours(), controller: { kind: 'DaemonSet', name: 'demo', uid: 'uid-before' } }),
      [],
    ],
    'a pod of a DaemonSet that is unknown: nobody': [
      deleted({ ...ours(), controller: { kind: 'DaemonSet', name: 'gone', uid: 'uid-gone' } }),
      [],
    ],
    'an adopted pod: who adopted it': [updated(orphan(), ours()), ['default/demo']],
    'a released pod: who let it go, and who may adopt it': [
      updated(ours(), orphan()),
      ['default/demo', 'default/twin'],
    ],
    'a released pod that was relabelled: who let it go, and who selects it now': [
      updated(ours(), orphan({ labels: webLabels })),
      ['default/demo', 'default/web'],
    ],
    'a pod that went from one to another: both': [updated(ours(), twins), ['default/demo', 'default/twin']],
    'an orphan that was relabelled: who selects it now': [
      updated(orphan({ labels: strange }), orphan({ labels: webLabels })),
      ['default/web'],
    ],
    'an orphan that lost a label nobody asks for: who selects it': [
      updated(orphan({ labels: { app: 'web', tier: 'x' } }), orphan({ labels: webLabels })),
      ['default/web'],
    ],
    'an orphan of which all but the labels changed: nobody': [
      updated(orphan(), orphan({ phase: 'Failed' })),
      [],
    ],
    'a pod whose labels changed: its controller': [
      updated(ours(), ours({ labels: webLabels })),
      ['default/demo'],
    ],
    'a pod with one label instead of another: its controller': [
      updated(ours({ labels: { a: '1' } }), ours({ labels: { b: '1' } })),
      ['default/demo'],
    ],
    'a pod of which only the resourceVersion changed: nobody': [
      updated(ours(), { ...ours(), resourceVersion: '2' }),
      [],
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [change, expected]) => {
    expect(keysForOwned(change, lookup)).toEqual(expected);
  });

  const before: PodRecord = ours();
  const { nodeName: _, ...unbound } = before;
  const fields: Record<string, PodRecord> = {
    phase: { ...before, phase: 'Failed' },
    terminating: { ...before, terminating: true },
    ready: { ...before, ready: false },
    readyChangedAt: { ...before, readyChangedAt: 1 },
    targetNode: { ...before, targetNode: 'n2' },
    nodeName: unbound,
  };

  it.each(Object.entries(fields))('a changed %s concerns the controller', (_, after) => {
    expect(keysForOwned(updated(before, after), lookup)).toEqual(['default/demo']);
    expect(keysForOwned(updated(after, before), lookup)).toEqual(['default/demo']);
  });
});

describe('the DaemonSets that a pod concerns for those who only watch', () => {
  const cases: Record<string, readonly [Change<PodRecord>, readonly string[]]> = {
    'a new pod: its controller': [added(ours()), ['default/demo']],
    'a new orphan: all that would adopt it': [added(orphan()), ['default/demo', 'default/twin']],
    'an orphan that is gone: all that would have adopted it': [
      deleted(orphan()),
      ['default/demo', 'default/twin'],
    ],
    'an orphan that failed: all that would adopt it': [
      updated(orphan(), orphan({ phase: 'Failed' })),
      ['default/demo', 'default/twin'],
    ],
    'an orphan that was relabelled: who selected it, and who selects it now': [
      updated(orphan(), orphan({ labels: webLabels })),
      ['default/web', 'default/demo', 'default/twin'],
    ],
    'an adopted pod: who adopted it, and who would have': [
      updated(orphan(), ours()),
      ['default/demo', 'default/twin'],
    ],
    'a pod of another kind of controller: nobody': [added(ours({ owner: 'other' })), []],
    'an orphan of which only the resourceVersion changed: nobody': [
      updated(orphan(), { ...orphan(), resourceVersion: '2' }),
      [],
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [change, expected]) => {
    expect(keysForSeen(change, lookup)).toEqual(expected);
  });
});

describe('§6.4 the DaemonSets that a ControllerRevision concerns', () => {
  const before = revision('a');
  const cases: Record<string, readonly [Change<RevisionRecord>, readonly string[]]> = {
    'a new one: its controller': [{ type: 'add', new: before }, ['default/demo']],
    'one that is gone: its controller': [{ type: 'delete', old: before }, ['default/demo']],
    'a new orphan: who selects it': [
      { type: 'add', new: revision('a', { owner: 'nobody' }) },
      ['default/demo', 'default/twin'],
    ],
    'one with another number: its controller': [
      { type: 'update', old: before, new: revision('a', { number: 7 }) },
      ['default/demo'],
    ],
    'one of which only the resourceVersion changed: nobody': [
      { type: 'update', old: before, new: { ...before, resourceVersion: '2' } },
      [],
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [change, expected]) => {
    expect(keysForOwned(change, lookup)).toEqual(expected);
  });
});
