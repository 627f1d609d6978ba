import type { ObjectMeta } from '../../api/meta.ts';
import type { NodeRecord, Taint } from '../../api/node.ts';
import type { ControllerRef, PodPhase, PodRecord, PodSpec } from '../../api/pod.ts';
import type { RevisionRecord } from '../../api/revision.ts';
import { storedDataDigest } from '../history/revision-data.ts';
import { targetNodeName } from '../placement/pin-to-node.ts';
import { troubleOf, type TroubleStatus } from './trouble.ts';

type Condition = {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string | null;
};
type RawPod = {
  readonly metadata: ObjectMeta;
  readonly spec?: PodSpec;
  readonly status?: TroubleStatus & { readonly phase?: PodPhase; readonly conditions?: readonly Condition[] };
};
type RawNode = {
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly taints?: readonly Taint[] };
  readonly status?: { readonly conditions?: readonly Condition[] };
};
type ManagedFields = { readonly time?: string; readonly fieldsV1?: Readonly<Record<string, unknown>> };
type RawRevision = {
  readonly metadata: ObjectMeta & { readonly managedFields?: readonly ManagedFields[] };
  readonly revision?: number;
  readonly data?: unknown;
};

/** Keeps of a Pod what reconcile needs. */
export function podRecord(raw: unknown): PodRecord {
  const { metadata, spec, status } = raw as RawPod;
  const ready = readyCondition(status?.conditions);
  const target = targetNodeName(spec);
  const nodeName = spec?.nodeName;
  const trouble = ready?.status === 'True' ? undefined : troubleOf(status);
  return {
    ...identity(metadata),
    namespace: metadata.namespace ?? '',
    ...controllerOf(metadata),
    ...(nodeName && { nodeName }),
    ...(target !== undefined && { targetNode: target }),
    phase: status?.phase ?? 'Pending',
    terminating: metadata.deletionTimestamp !== undefined,
    ...(metadata.deletionTimestamp && { goneBy: Date.parse(metadata.deletionTimestamp) }),
    ready: ready?.status === 'True',
    ...(ready?.lastTransitionTime && { readyChangedAt: Date.parse(ready.lastTransitionTime) }),
    createdAt: Date.parse(metadata.creationTimestamp),
    ...(trouble !== undefined && { trouble }),
  };
}

/** The same; undefined for a pod that something else than a DaemonSet controls, as most pods of a cluster are. */
export function podOfInterest(raw: unknown): PodRecord | undefined {
  const pod = podRecord(raw);
  return pod.controller === undefined || pod.controller.kind === 'DaemonSet' ? pod : undefined;
}

/** Keeps of a Node what decides about daemon pods. */
export function nodeRecord(raw: unknown): NodeRecord {
  const { metadata, spec, status } = raw as RawNode;
  const ready = readyCondition(status?.conditions);
  const isDown = ready !== undefined && ready.status !== 'True' && Boolean(ready.lastTransitionTime);
  return {
    ...identity(metadata),
    taints: spec?.taints ?? [],
    ...(isDown && { notReadySince: Date.parse(ready.lastTransitionTime ?? '') }),
  };
}

/** Keeps of a ControllerRevision what the history needs; its data are kept as a digest. */
export function revisionRecord(raw: unknown): RevisionRecord {
  const { metadata, revision = 0, data } = raw as RawRevision;
  return {
    ...identity(metadata),
    namespace: metadata.namespace ?? '',
    ...controllerOf(metadata),
    revision,
    numberedAt: numberedAt(metadata),
    dataDigest: storedDataDigest(data),
  };
}

/** Who last wrote the number, wrote it then: the API server keeps that in managedFields. */
function numberedAt({ creationTimestamp, managedFields = [] }: RawRevision['metadata']): number {
  const times = managedFields
    .filter(({ fieldsV1 }) => fieldsV1 !== undefined && 'f:revision' in fieldsV1)
    .map(({ time }) => (time === undefined ? 0 : Date.parse(time)));
  return Math.max(Date.parse(creationTimestamp), ...times);
}

function readyCondition(conditions: readonly Condition[] | undefined): Condition | undefined {
  return conditions?.find(({ type }) => type === 'Ready');
}

function identity({ name, uid, resourceVersion, labels }: ObjectMeta): Omit<NodeRecord, 'taints'> {
  // A node written by hand may say null.
  return { name, uid, resourceVersion, labels: labels ?? {} };
}

function controllerOf({ ownerReferences }: ObjectMeta): { readonly controller?: ControllerRef } {
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  return owner ? { controller: { kind: owner.kind, name: owner.name, uid: owner.uid } } : {};
}
