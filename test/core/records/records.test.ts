import { describe, expect, it } from 'vitest';
import { dataDigest, revisionData } from '../../../src/core/history/revision-data.ts';
import { nodeRecord, podRecord, revisionRecord } from '../../../src/core/records/records.ts';

const METADATA = {
  name: 'demo-abcde',
  namespace: 'kube-system',
  uid: 'uid-1',
  resourceVersion: '42',
  creationTimestamp: '2026-01-15T10:00:00Z',
};
const OWNER = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'demo', uid: 'uid-demo', controller: true };
const AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
    },
  },
};

describe('podRecord', () => {
  it('keeps what reconcile needs of a running pod', () => {
    const raw = {
      metadata: { ...METADATA, labels: { app: 'demo' }, annotations: { k: 'v' }, ownerReferences: [OWNER] },
      spec: { nodeName: 'n1', affinity: AFFINITY, containers: [{ name: 'app' }] },
      status: {
        phase: 'Running',
        conditions: [
          { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-15T10:00:01Z' },
          { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-15T10:00:05Z' },
        ],
      },
    };
    expect(podRecord(raw)).toEqual({
      name: 'demo-abcde',
      namespace: 'kube-system',
      uid: 'uid-1',
      resourceVersion: '42',
      labels: { app: 'demo' },
      controller: { kind: 'DaemonSet', name: 'demo', uid: 'uid-demo' },
      nodeName: 'n1',
      targetNode: 'n1',
      phase: 'Running',
      terminating: false,
      ready: true,
      readyChangedAt: Date.UTC(2026, 0, 15, 10, 0, 5),
      createdAt: Date.UTC(2026, 0, 15, 10, 0, 0),
    });
  });

  it('takes a pod without status and labels for one that is just created', () => {
    expect(podRecord({ metadata: METADATA, spec: { affinity: AFFINITY } })).toEqual({
      name: 'demo-abcde',
      namespace: 'kube-system',
      uid: 'uid-1',
      resourceVersion: '42',
      labels: {},
      targetNode: 'n1',
      phase: 'Pending',
      terminating: false,
      ready: false,
      createdAt: Date.UTC(2026, 0, 15, 10, 0, 0),
    });
  });

  it('sees a deletion', () => {
    const metadata = { ...METADATA, deletionTimestamp: '2026-01-15T11:00:00Z' };
    expect(podRecord({ metadata })).toMatchObject({
      terminating: true,
      goneBy: Date.UTC(2026, 0, 15, 11, 0, 0),
    });
  });

  it.each(['False', 'Unknown'])('§5.2 takes the condition Ready=%s for not ready', (status) => {
    const conditions = [{ type: 'Ready', status, lastTransitionTime: '2026-01-15T10:00:05Z' }];
    expect(podRecord({ metadata: METADATA, status: { conditions } })).toMatchObject({
      ready: false,
      readyChangedAt: Date.UTC(2026, 0, 15, 10, 0, 5),
    });
  });

  it('§5.2 does not take ContainersReady for Ready', () => {
    const conditions = [{ type: 'ContainersReady', status: 'True' }];
    expect(podRecord({ metadata: METADATA, status: { conditions } }).ready).toBe(false);
  });

  it.each([null, undefined])('knows no transition time where it is %s', (lastTransitionTime) => {
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
    expect(podRecord({ metadata: METADATA, status: { conditions } })).not.toHaveProperty('readyChangedAt');
  });

  it('§9.1.24 aims at the node it is bound to, whatever its affinity says', () => {
    const record = podRecord({ metadata: METADATA, spec: { nodeName: 'n2', affinity: AFFINITY } });
    expect(record).toMatchObject({ nodeName: 'n2', targetNode: 'n2' });
  });

  it('takes an empty nodeName for unbound', () => {
    const record = podRecord({ metadata: METADATA, spec: { nodeName: '', affinity: AFFINITY } });
    expect(record.nodeName).toBeUndefined();
    expect(record.targetNode).toBe('n1');
  });

  it('takes only the owner with controller: true for the controller', () => {
    const { controller: _, ...plain } = OWNER;
    const ownerReferences = [
      plain,
      { ...OWNER, controller: false },
      { ...OWNER, name: 'second', uid: 'uid-2' },
    ];
    expect(podRecord({ metadata: { ...METADATA, ownerReferences } }).controller).toEqual({
      kind: 'DaemonSet',
      name: 'second',
      uid: 'uid-2',
    });
    expect(podRecord({ metadata: { ...METADATA, ownerReferences: [plain] } })).not.toHaveProperty(
      'controller',
    );
  });
});

describe('nodeRecord', () => {
  it('keeps labels and taints, and nothing else of the spec', () => {
    const { namespace: _, ...metadata } = { ...METADATA, name: 'n1', labels: { zone: 'a' } };
    const taints = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }];
    const raw = { metadata, spec: { taints, unschedulable: true, podCIDR: '10.0.0.0/24' }, status: {} };
    expect(nodeRecord(raw)).toEqual({
      name: 'n1',
      uid: 'uid-1',
      resourceVersion: '42',
      labels: { zone: 'a' },
      taints,
    });
  });

  it('keeps since when the node is not ready, and nothing of a ready one', () => {
    const withReady = (status: string): object => ({
      metadata: METADATA,
      status: { conditions: [{ type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    });
    expect(nodeRecord(withReady('True'))).not.toHaveProperty('notReadySince');
    expect(nodeRecord(withReady('False')).notReadySince).toBe(Date.UTC(2026, 0, 1));
    expect(nodeRecord(withReady('Unknown')).notReadySince).toBe(Date.UTC(2026, 0, 1));
  });

  it('takes a node without spec for one without taints', () => {
    expect(nodeRecord({ metadata: METADATA })).toMatchObject({ labels: {}, taints: [] });
  });
});

describe('revisionRecord', () => {
  it('keeps a digest of the data', () => {
    const template = { metadata: { labels: { app: 'demo' } } };
    const raw = {
      metadata: { ...METADATA, labels: { app: 'demo' }, ownerReferences: [OWNER] },
      revision: 3,
      data: JSON.parse(revisionData(template)),
    };
    expect(revisionRecord(raw)).toEqual({
      name: 'demo-abcde',
      namespace: 'kube-system',
      uid: 'uid-1',
      resourceVersion: '42',
      labels: { app: 'demo' },
      controller: { kind: 'DaemonSet', name: 'demo', uid: 'uid-demo' },
      revision: 3,
      numberedAt: Date.parse(METADATA.creationTimestamp),
      dataDigest: dataDigest(revisionData(template)),
    });
  });

  it('knows when it got its number: at its creation, or later when somebody changed it', () => {
    const managedFields = [
      { time: '2030-01-01T00:00:00Z', fieldsV1: { 'f:data': {}, 'f:revision': {} } },
      { time: '2031-01-01T00:00:00Z', fieldsV1: { 'f:revision': {} } },
      { time: '2032-01-01T00:00:00Z', fieldsV1: { 'f:metadata': {} } },
    ];
    const { numberedAt } = revisionRecord({ metadata: { ...METADATA, managedFields } });
    expect(numberedAt).toBe(Date.UTC(2031, 0, 1));
  });

  it('takes an absent number for 0, and absent data for data that match nothing', () => {
    const record = revisionRecord({ metadata: METADATA });
    expect(record.revision).toBe(0);
    expect(record.dataDigest).not.toBe(dataDigest(revisionData({})));
  });
});
