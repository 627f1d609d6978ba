import { expect, it, onTestFinished, vi } from 'vitest';
import { DAEMONSETS, NODES } from '../../src/api/kinds.ts';
import { DEFAULT_SETTINGS } from '../../src/core/admission/settings.ts';
import { type Admission, startAdmission } from '../../src/webhook/admission.ts';
import { fill, followedCluster } from '../dashboard/followed-cluster.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { daemonSetNamed } from '../syncloop/objects.ts';

/** The rules that have something against a DaemonSet with the selector of `demo`. */
function rulesAgainstRival({ decide }: Admission): readonly string[] {
  const { violations } = decide('validate', {
    uid: 'uid',
    kind: { group: 'apps', version: 'v1', kind: 'DaemonSet' },
    operation: 'CREATE',
    subResource: '',
    namespace: 'default',
    name: 'rival',
    dryRun: false,
    username: 'ada',
    object: { apiVersion: 'apps/v1', kind: 'DaemonSet', ...daemonSetNamed('rival') },
    oldObject: undefined,
    options: undefined,
  });
  return violations.map(({ rule }) => rule);
}

it('knows the cluster by caches that somebody else follows, and leaves them to them', async () => {
  // Whoever followed the cluster once more would take events that the others wait for.
  const own = new FakeClient();
  const client = new FakeClient();
  const cluster = followedCluster(client);
  const admission = startAdmission({
    settings: DEFAULT_SETTINGS,
    client: own,
    logger: recordingLogger(),
    cluster,
  });
  onTestFinished(admission.stop);
  expect(admission.waitsFor()).toBe('the cluster to be read');
  expect(rulesAgainstRival(admission)).toEqual([]);
  await fill(client, { daemonSets: [daemonSetNamed('demo')] });
  await vi.waitFor(() => expect(admission.waitsFor()).toBeUndefined());
  expect(rulesAgainstRival(admission)).toEqual(['selector-overlap']);
  await admission.stop();
  await client.feed(DAEMONSETS).send('DELETED', daemonSetNamed('demo'));
  await client.feed(NODES).bookmark('200');
  expect(cluster.view.daemonSets()).toEqual([]);
  expect(own.summary.filter((call) => !call.startsWith('create SelfSubjectReview'))).toEqual([]);
});
