import type { ObjectMeta } from '../../api/meta.ts';
import type { NodeRecord, Taint } from '../../api/node.ts';
import type { ControllerRef, PodPhase, PodRecord, PodSpec } from '../../api/pod.ts';
import type { RevisionRecord } from '../../api/revision.ts';
import { storedDataDigest } from '../history/revision-data.ts';
import { targetNodeName } from '../placement/pin-to-node.ts';

type RawPod = {
  readonly metadata: ObjectMeta;
  readonly spec?: PodSpec;
  readonly status?: {
    readonly phase?: PodPhase;
    readonly conditions?: readonly { type: string; status: string; lastTransitionTime?: string | null }[];
  };
};
type RawNode = { readonly metadata: ObjectMeta; readonly spec?: { readonly taints?: readonly Taint[] } };
type RawRevision = { readonly metadata: ObjectMeta; readonly revision?: number; readonly data?: unknown };

/** Keeps of a Pod what reconcile needs. */
export function podRecord(raw: unknown): PodRecord {
  const { metadata, spec, status } = raw as RawPod;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const target = targetNodeName(spec);
  const nodeName = spec?.nodeName;
  return {
    ...identity(metadata),
    namespace: metadata.namespace ?? '',
    ...controllerOf(metadata),
    ...(nodeName && { nodeName }),
    ...(target !== undefined && { targetNode: target }),
    phase: status?.phase ?? 'Pending',
    terminating: metadata.deletionTimestamp !== undefined,
    ready: ready?.status === 'True',
    ...(ready?.lastTransitionTime && { readyChangedAt: Date.parse(ready.lastTransitionTime) }),
    createdAt: Date.parse(metadata.creationTimestamp),
  };
}

/** Keeps of a Node what decides about daemon pods. */
export function nodeRecord(raw: unknown): NodeRecord {
  const { metadata, spec } = raw as RawNode;
  return { ...identity(metadata), taints: spec?.taints ?? [] };
}

/** Keeps of a ControllerRevision what the history needs; its data are kept as a digest. */
export function revisionRecord(raw: unknown): RevisionRecord {
  const { metadata, revision = 0, data } = raw as RawRevision;
  return {
    ...identity(metadata),
    namespace: metadata.namespace ?? '',
    ...controllerOf(metadata),
    revision,
    dataDigest: storedDataDigest(data),
  };
}

function identity({ name, uid, resourceVersion, labels = {} }: ObjectMeta): Omit<NodeRecord, 'taints'> {
  return { name, uid, resourceVersion, labels };
}

function controllerOf({ ownerReferences }: ObjectMeta): { readonly controller?: ControllerRef } {
  const owner = ownerReferences?.find(({ controller }) => controller === true);
  return owner ? { controller: { kind: owner.kind, name: owner.name, uid: owner.uid } } : {};
}
