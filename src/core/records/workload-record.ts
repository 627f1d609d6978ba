import type { LabelSelector, ObjectMeta, StringMap } from '../../api/meta.ts';
import type { WorkloadRecord } from '../../api/workload.ts';

type RawWorkload = {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    /** Of a ReplicationController: labels alone. */
    readonly selector?: LabelSelector | StringMap;
    readonly template?: { readonly metadata?: { readonly labels?: StringMap } };
  };
};

/** Keeps of a Deployment, ReplicaSet, StatefulSet, Job or ReplicationController what tells its pods from others. */
export function workloadRecord(kind: string, raw: unknown): WorkloadRecord | undefined {
  const { metadata, spec } = raw as RawWorkload;
  // The ReplicaSet of a Deployment selects nothing that the Deployment does not.
  if (metadata.ownerReferences?.some(({ controller }) => controller === true)) return undefined;
  const podLabels = spec?.template?.metadata?.labels ?? {};
  const selector =
    kind === 'ReplicationController'
      ? { matchLabels: (spec?.selector as StringMap | undefined) ?? podLabels }
      : (spec?.selector as LabelSelector | undefined);
  return {
    kind,
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    ...(selector && { selector }),
    podLabels,
  };
}
