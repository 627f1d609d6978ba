import { CONTROLLER_REVISION_HASH_LABEL, POD_TEMPLATE_GENERATION_LABEL } from '../../src/api/keys.ts';
import type { StringMap } from '../../src/api/meta.ts';
import type { ControllerRef, PodPhase, PodRecord } from '../../src/api/pod.ts';
import { secondsAgo } from './clock.ts';
import { DEMO_UID } from './daemonset.ts';

/** Who controls an object: the DaemonSet under test, nobody, or another controller. */
export type Owner = 'demo' | 'nobody' | 'other';

export type PodOverrides = {
  /** The node that it runs on, or is meant for. */
  readonly on?: string;
  /** False for a pod that the scheduler has not bound yet. */
  readonly bound?: boolean;
  /** Hash label of its revision; null for a pod without the label. */
  readonly hash?: string | null;
  readonly templateGeneration?: string;
  readonly labels?: StringMap;
  readonly owner?: Owner;
  readonly phase?: PodPhase;
  readonly ready?: boolean;
  /** Seconds since the pod became ready, or stopped being so. */
  readonly readyFor?: number;
  readonly terminating?: boolean;
  /** Seconds until the grace period of a terminating one is over. */
  readonly goneIn?: number;
  /** Seconds since the pod was created. */
  readonly age?: number;
};

/** A pod of `demo` and of its current revision, Running and Ready for an hour. */
export function pod(name: string, overrides: PodOverrides = {}): PodRecord {
  const { on, owner = 'demo', phase = 'Running', bound = on !== undefined, age = 3600 } = overrides;
  const ready = overrides.ready ?? (bound && phase === 'Running');
  return {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    labels: labelsOf(overrides),
    ...controlledBy(owner),
    ...(on !== undefined && { targetNode: on, ...(bound && { nodeName: on }) }),
    phase,
    terminating: overrides.terminating ?? overrides.goneIn !== undefined,
    ...(overrides.goneIn !== undefined && { goneBy: secondsAgo(-overrides.goneIn) }),
    ready,
    readyChangedAt: secondsAgo(overrides.readyFor ?? 3600),
    createdAt: secondsAgo(age),
  };
}

function labelsOf({ labels = { app: 'demo' }, hash = 'new', templateGeneration }: PodOverrides): StringMap {
  return {
    ...labels,
    ...(hash !== null && { [CONTROLLER_REVISION_HASH_LABEL]: hash }),
    ...(templateGeneration !== undefined && { [POD_TEMPLATE_GENERATION_LABEL]: templateGeneration }),
  };
}

/** The part of a record that says who controls it. */
export function controlledBy(owner: Owner): { readonly controller?: ControllerRef } {
  if (owner === 'nobody') return {};
  return {
    controller:
      owner === 'demo'
        ? { kind: 'DaemonSet', name: 'demo', uid: DEMO_UID }
        : { kind: 'ReplicaSet', name: 'other', uid: 'uid-other' },
  };
}
