import { describe, expect, it } from 'vitest';
import type { PodDeletion } from '../../src/core/plan.ts';
import { UnreachableError } from '../../src/kube/errors.ts';
import { deletePods } from '../../src/syncloop/apply-pods.ts';
import { pod } from '../builders/pod.ts';
import { applyContext } from './apply-context.ts';
import { FakeClient, refusal } from './fake-client.ts';

const forbidden = refusal(403, 'Forbidden');

describe('§3.2 deletions', () => {
  const p1 = pod('p1', { on: 'n1' });
  const deletions: readonly PodDeletion[] = [p1, pod('p2', { on: 'n2' }), pod('p3', { on: 'n3' })].map(
    (found) => ({ pod: found, reason: 'Outdated' }),
  );
  const one = deletions.slice(0, 1);

  it('§9.1.22 are no evictions, and name the uid, so that no other pod of that name is hit', async () => {
    const client = new FakeClient().answer('delete Pod', {});
    await deletePods(applyContext(client), one);
    expect(client.calls).toEqual([
      {
        what: 'delete Pod',
        key: 'default/p1',
        options: { uid: 'uid-p1', flow: { key: 'uid-demo', signal: expect.any(AbortSignal) } },
      },
    ]);
  });

  it('end with the signal, and with a change of the DaemonSet, and tell nothing of that', async () => {
    const end = new AbortController();
    const client = new FakeClient().answer('delete Pod', () => {
      end.abort();
      return new UnreachableError('connection closed');
    });
    const context = applyContext(client, { signal: end.signal });
    await deletePods(context, one);
    await deletePods(context, one);
    expect(client.calls).toHaveLength(1);
    expect(context.events).toEqual([]);
    const changed = new FakeClient();
    await deletePods(applyContext(changed, { isCurrent: () => false }), one);
    expect(changed.calls).toEqual([]);
  });

  it('are remembered, and told in Events', async () => {
    const context = applyContext(new FakeClient().answer('delete Pod', {}));
    expect(await deletePods(context, one)).toEqual([]);
    expect(context.memory.told).toEqual(['deleted pod p1']);
    expect(context.events).toEqual(['Normal SuccessfulDelete Deleted pod: p1']);
    expect(context.counted).toEqual(['deleted: Outdated']);
  });

  it.each([
    ['gone already', refusal(404, 'NotFound')],
    ['replaced by another of its name', refusal(409, 'Conflict')],
  ])('are fine when the pod is %s, and nobody is told', async (_, answer) => {
    const context = applyContext(new FakeClient().answer('delete Pod', answer));
    expect(await deletePods(context, one)).toEqual([]);
    expect(context.memory.told).toEqual([]);
    expect(context.events).toEqual([]);
  });

  it('go on although one is refused', async () => {
    const client = new FakeClient().answer('delete Pod', {}).answer('delete Pod default/p1', forbidden);
    const context = applyContext(client);
    expect(await deletePods(context, deletions)).toEqual([forbidden]);
    expect(context.memory.told).toEqual(['deleted pod p2', 'deleted pod p3']);
    expect(context.events).toContain('Warning FailedDelete Error deleting: the server said Forbidden');
  });

  it('are all sent at once', async () => {
    const sent: string[] = [];
    const all = Promise.withResolvers<object>();
    const client = new FakeClient().answer('delete Pod', ({ key }) => {
      sent.push(key);
      if (sent.length === deletions.length) all.resolve({});
      return all.promise;
    });
    await deletePods(applyContext(client), deletions);
    expect(sent).toEqual(['default/p1', 'default/p2', 'default/p3']);
  });
});
