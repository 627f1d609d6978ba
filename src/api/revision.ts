import type { OwnerReference, StringMap } from './meta.ts';
import type { ControllerRef } from './pod.ts';

/** What is kept of a ControllerRevision. `dataDigest` stands for the canonical bytes of its data. */
export type RevisionRecord = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: StringMap;
  readonly controller?: ControllerRef;
  readonly revision: number;
  /** When it got its number, milliseconds since the epoch: at its creation, or at the last roll back to it. */
  readonly numberedAt: number;
  readonly dataDigest: string;
};

/** A ControllerRevision about to be created. `data` is its canonical JSON, to be sent byte for byte. */
export type RevisionManifest = {
  readonly name: string;
  readonly namespace: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly ownerReferences: readonly OwnerReference[];
  readonly revision: number;
  readonly data: string;
};
