import type { LabelSelector, StringMap } from './meta.ts';

/** What is kept of an object that is no DaemonSet and makes pods: how it knows them, and how it labels them. */
export type WorkloadRecord = {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly selector?: LabelSelector;
  readonly podLabels: StringMap;
};
