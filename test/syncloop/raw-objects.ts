import type { NodeRecord } from '../../src/api/node.ts';
import type { ControllerRef, PodRecord } from '../../src/api/pod.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import { pinToNode } from '../../src/core/placement/pin-to-node.ts';
import { NOW } from '../builders/clock.ts';

type Stored = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: object;
  readonly controller?: ControllerRef;
};

function metadataOf(record: Stored, createdAt = NOW): object {
  const { name, namespace, uid, resourceVersion, labels, controller } = record;
  return {
    name,
    uid,
    resourceVersion,
    labels,
    creationTimestamp: new Date(createdAt).toISOString(),
    ...(namespace !== undefined && { namespace }),
    ...(controller && { ownerReferences: [{ apiVersion: 'apps/v1', ...controller, controller: true }] }),
  };
}

/** The Pod as the API server would send it. */
export function rawPod(record: PodRecord): object {
  const { nodeName, targetNode, phase, ready, readyChangedAt = NOW, terminating } = record;
  const lastTransitionTime = new Date(readyChangedAt).toISOString();
  const deletionTimestamp = new Date(NOW).toISOString();
  return {
    metadata: { ...metadataOf(record, record.createdAt), ...(terminating && { deletionTimestamp }) },
    spec: {
      ...(nodeName !== undefined && { nodeName }),
      ...(targetNode !== undefined && { affinity: pinToNode(undefined, targetNode) }),
    },
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }] },
  };
}

export function rawNode(record: NodeRecord): object {
  return { metadata: metadataOf(record), spec: { taints: record.taints } };
}

/** The ControllerRevision with these data. */
export function rawRevision(record: RevisionRecord, data: unknown = {}): object {
  return { metadata: metadataOf(record), revision: record.revision, data };
}
