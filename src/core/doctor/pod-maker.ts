import {
  CONTROLLER_REVISION_HASH_LABEL,
  MIRROR_POD_ANNOTATION,
  POD_TEMPLATE_GENERATION_LABEL,
  TEMPLATE_GENERATION_ANNOTATION,
} from '../../api/keys.ts';
import type { OwnerReference, StringMap } from '../../api/meta.ts';
import type { PodSpec, PodTemplate } from '../../api/pod.ts';
import type { ObjectRef } from './finding.ts';

/** What makes pods, and what matters of them here. */
export type PodMaker = {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly podLabels: StringMap;
  readonly hostNetwork: boolean;
  /** Whether other pods get their network from these: they install a CNI plugin. */
  readonly givesPodNetwork: boolean;
  /** Run by kubelets from files: only their images in the API server pass admission. */
  readonly isStatic: boolean;
};

/** A DaemonSet, Deployment or StatefulSet, as far as it is read. */
export type RawWorkload = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: StringMap;
  };
  readonly spec?: { readonly template?: PodTemplate };
};

export type RawPod = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: StringMap;
    readonly annotations?: StringMap;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly spec?: PodSpec;
};

/** Folders of the host that hold CNI plugins and their configuration. */
const CNI_FOLDERS = /^\/(?:etc\/cni|opt\/cni|var\/lib\/cni)(?:\/|$)/;

/** The maker that a workload is. */
export function makerOf(kind: string, { metadata, spec }: RawWorkload): PodMaker {
  const { labels = {} } = spec?.template?.metadata ?? {};
  const generation = metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION];
  // Every controller adds these; their values are not known beforehand.
  const added = {
    ...(kind !== 'Deployment' && { [CONTROLLER_REVISION_HASH_LABEL]: '' }),
    ...(kind === 'DaemonSet' && generation !== undefined && { [POD_TEMPLATE_GENERATION_LABEL]: generation }),
    ...(kind === 'Deployment' && { 'pod-template-hash': '' }),
  };
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    podLabels: { ...labels, ...added },
    ...networkOf(spec?.template?.spec),
    isStatic: false,
  };
}

/** The maker of one pod: its controller, its kubelet, or, for a bare pod, whoever made it. */
export function makerOfPod({ metadata, spec }: RawPod): PodMaker {
  const { name, namespace = '', labels = {}, ownerReferences = [], annotations = {} } = metadata;
  const controller = ownerReferences.find((owner) => owner.controller);
  const isStatic = Object.hasOwn(annotations, MIRROR_POD_ANNOTATION);
  return {
    kind: isStatic ? 'Pod' : (controller?.kind ?? 'Pod'),
    namespace,
    // The kubelet puts the name of its node behind that of the file.
    name: isStatic ? withoutSuffix(name, `-${spec?.nodeName ?? ''}`) : (controller?.name ?? name),
    podLabels: labels,
    ...networkOf(spec),
    isStatic,
  };
}

export function refOf({ kind, namespace, name }: PodMaker): ObjectRef {
  return { kind, namespace, name };
}

/** Each maker once: many pods have the same. */
export function distinct(makers: readonly PodMaker[]): readonly PodMaker[] {
  return [
    ...new Map(makers.map((maker) => [`${maker.kind}/${maker.namespace}/${maker.name}`, maker])).values(),
  ];
}

function networkOf(spec: PodSpec | undefined): Pick<PodMaker, 'hostNetwork' | 'givesPodNetwork'> {
  const volumes = (spec?.['volumes'] ?? []) as readonly { hostPath?: { path?: string } }[];
  return {
    hostNetwork: spec?.hostNetwork === true,
    givesPodNetwork: volumes.some(({ hostPath }) => CNI_FOLDERS.test(hostPath?.path ?? '')),
  };
}

function withoutSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
}
