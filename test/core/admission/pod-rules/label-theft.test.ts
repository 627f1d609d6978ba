import { describe, expect, it } from 'vitest';
import { labelTheft } from '../../../../src/core/admission/pod-rules/label-theft.ts';
import type { PodCreation } from '../../../../src/core/admission/rule.ts';
import { clusterOf } from '../../../builders/cluster-view.ts';
import { daemonSet } from '../../../builders/daemonset.ts';
import { ownedBy, podCreation } from './pod-creation.ts';

const cluster = clusterOf({ daemonSets: [daemonSet()] });
const labels = { app: 'demo', more: 'x' };

function found(creation: PodCreation): readonly string[] {
  return labelTheft
    .check({ cluster, ...creation })
    .map(({ path, message, atMost = 'deny' }) => `${atMost} ${path} ${message}`);
}

describe('rule label-theft', () => {
  it('denies a bare Pod that a DaemonSet would adopt', () => {
    const [problem, ...others] = found(podCreation({ owner: null, labels }));
    expect(others).toEqual([]);
    expect(problem).toMatch(
      /^deny metadata\.labels match the selector \("app=demo"\) of DaemonSet demo, which would adopt/,
    );
  });

  it('warns of a Pod that something else controls, and of templates that make such', () => {
    expect(found(podCreation({ owner: ownedBy('ReplicaSet'), labels }))[0]).toMatch(/^warn metadata\.labels/);
    const object = { metadata: { name: 'web' }, spec: { template: { metadata: { labels } } } };
    const deployment = podCreation({}, { kind: 'Deployment', object });
    expect(found(deployment)[0]).toMatch(/^warn spec\.template\.metadata\.labels match/);
  });

  it.each<[string, PodCreation]>([
    ['pods of a DaemonSet', podCreation({ labels })],
    [
      'mirror pods',
      podCreation({ owner: null, labels, annotations: { 'kubernetes.io/config.mirror': 'x' } }),
    ],
    ['other labels', podCreation({ owner: null, labels: { app: 'web' } })],
    ['no labels', podCreation({ owner: null })],
    ['labels that are malformed', podCreation({ owner: null, labels: { app: 7 } })],
    ['another namespace', podCreation({ owner: null, labels }, { namespace: 'other' })],
    [
      'a DaemonSet that is going',
      podCreation(
        { owner: null, labels },
        { cluster: clusterOf({ daemonSets: [daemonSet({ deletionTimestamp: '2026-01-01T00:00:00Z' })] }) },
      ),
    ],
  ])('has nothing against %s', (_, creation) => {
    expect(found(creation)).toEqual([]);
  });

  it('has no opinion without a cluster', () => {
    expect(labelTheft.check(podCreation({ owner: null, labels }))).toEqual([]);
  });
});
