import type { Namespaces } from './admission-attributes.ts';
import type { WebhookConfiguration } from './hook.ts';
import type { PodMaker } from './pod-maker.ts';

/** A Service that webhooks are reached by, and what stands behind it. */
export type Backend = {
  readonly namespace: string;
  readonly name: string;
  /** Absent where it could not be read. */
  readonly exists?: boolean;
  /** Whether it picks its pods by a selector; else somebody writes its endpoints, and its pods are not known. */
  readonly hasSelector: boolean;
  /** Who makes its pods; absent where that could not be read. */
  readonly makers?: readonly PodMaker[];
  /** Endpoints that answer now; absent where they could not be read. */
  readonly readyEndpoints?: number;
};

/** Who wrote a DaemonSet's status, and when last. Milliseconds since the epoch. */
export type StatusWriter = { readonly manager: string; readonly at: number };

export type DaemonSetFacts = {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly observedGeneration: number;
  /** When anybody last changed it, milliseconds since the epoch. */
  readonly changedAt: number;
  readonly statusWriters: readonly StatusWriter[];
};

export type LeaseFacts = {
  /** Empty once it was given back. */
  readonly holder: string;
  readonly acquiredAt: number;
  readonly renewedAt: number;
  readonly durationMs: number;
};

/** Where everynode keeps its things in this cluster. */
export type Installation = {
  readonly configurationName: string;
  readonly namespace: string;
  readonly leaseName: string;
};

/** Something that could not be looked at, and why. */
export type NotRead = { readonly what: string; readonly why: string };

/** All that is known of a cluster. */
export type Evidence = {
  readonly configurations: readonly WebhookConfiguration[];
  readonly namespaces: Namespaces;
  /** DaemonSets and static pods. */
  readonly agents: readonly PodMaker[];
  readonly daemonSets: readonly DaemonSetFacts[];
  /** By `namespace/name`; of every Service that a webhook names. */
  readonly backends: ReadonlyMap<string, Backend>;
  readonly installation: Installation;
  /** Absent where there is none. */
  readonly lease?: LeaseFacts;
  readonly notRead: readonly NotRead[];
};
