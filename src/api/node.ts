import type { StringMap } from './meta.ts';

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

export type Taint = {
  readonly key: string;
  readonly value?: string;
  readonly effect: TaintEffect;
};

/** What is kept of a Node: all that decides whether it runs a daemon pod, and nothing else. */
export type NodeRecord = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: StringMap;
  readonly taints: readonly Taint[];
  /** Since when the Ready condition is not True, milliseconds since the epoch; absent while the node is ready. */
  readonly notReadySince?: number;
};
