import type { ObjectMeta } from '../../api/meta.ts';
import type { PodSpec } from '../../api/pod.ts';
import { hostPortsOf } from '../../core/admission/host-ports.ts';
import type { BoundPod } from '../../core/forecast/capacity.ts';
import { podRequests } from '../../core/resources/requests.ts';

type RawPod = {
  readonly metadata: ObjectMeta;
  readonly spec?: PodSpec;
  readonly status?: { readonly phase?: string };
};

/** What a Pod takes of its node; undefined for one that takes nothing, or soon will. */
export function boundPod({ metadata, spec, status }: RawPod): BoundPod | undefined {
  const hasEnded = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  if (!spec?.nodeName || hasEnded || metadata.deletionTimestamp) return undefined;
  const controller = metadata.ownerReferences?.find((owner) => owner.controller === true);
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    node: spec.nodeName,
    ...(controller && {
      controllerUid: controller.uid,
      maker: `${controller.kind} ${metadata.namespace}/${controller.name}`,
    }),
    requests: podRequests(spec),
    hostPorts: hostPortsOf({ spec: { template: { spec } } }),
    priority: Number(spec['priority'] ?? 0),
  };
}
