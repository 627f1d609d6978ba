import type { OwnerReference, StringMap } from './meta.ts';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';

export type Toleration = {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
};

export type NodeSelectorRequirement = {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
};

export type NodeSelectorTerm = {
  readonly matchExpressions?: readonly NodeSelectorRequirement[];
  readonly matchFields?: readonly NodeSelectorRequirement[];
};

export type NodeSelector = { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] };

export type NodeAffinity = {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly unknown[];
};

export type Affinity = {
  readonly nodeAffinity?: NodeAffinity;
  readonly podAffinity?: unknown;
  readonly podAntiAffinity?: unknown;
};

/** The fields of a PodSpec that we read. All others pass through untouched as own properties. */
export type PodSpec = {
  readonly nodeName?: string;
  readonly nodeSelector?: StringMap;
  readonly affinity?: Affinity;
  readonly tolerations?: readonly Toleration[];
  readonly hostNetwork?: boolean;
  readonly restartPolicy?: string;
  readonly schedulingGates?: readonly unknown[];
  readonly resourceClaims?: readonly unknown[];
  readonly [field: string]: unknown;
};

export type PodTemplate = {
  readonly metadata?: {
    readonly labels?: StringMap;
    readonly annotations?: StringMap;
    readonly finalizers?: readonly string[];
  };
  readonly spec?: PodSpec;
};

/** A Pod as it is sent to the API server to be created. */
export type PodManifest = {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: {
    readonly namespace: string;
    readonly generateName: string;
    readonly labels: StringMap;
    readonly annotations?: StringMap;
    readonly finalizers?: readonly string[];
    readonly ownerReferences: readonly OwnerReference[];
  };
  readonly spec: PodSpec;
};

/** The owner that manages an object: the ownerReference with `controller: true`. */
export type ControllerRef = Pick<OwnerReference, 'kind' | 'name' | 'uid'>;

/**
 * What is kept of a Pod: what reconcile needs to know of it, not the whole object.
 * Times are milliseconds since the epoch.
 */
export type PodRecord = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: StringMap;
  readonly controller?: ControllerRef;
  /** spec.nodeName: set once the pod is bound. */
  readonly nodeName?: string;
  /** spec.nodeName, else the one node that its required node affinity names. */
  readonly targetNode?: string;
  readonly phase: PodPhase;
  readonly terminating: boolean;
  /** Of one that terminates: when its grace period is over. */
  readonly goneBy?: number;
  readonly ready: boolean;
  /** lastTransitionTime of the Ready condition. */
  readonly readyChangedAt?: number;
  readonly createdAt: number;
  /** Why it is not ready, where a person has to act: a waiting reason such as `ImagePullBackOff`, or `Unschedulable`. */
  readonly trouble?: string;
};
