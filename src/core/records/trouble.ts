type ContainerState = {
  readonly waiting?: { readonly reason?: string };
  readonly terminated?: {
    readonly reason?: string;
    readonly exitCode?: number;
    readonly startedAt?: string;
    readonly finishedAt?: string;
  };
};
type ContainerStatus = {
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
};
type Condition = { readonly type: string; readonly status: string; readonly reason?: string };

/** What a Pod's status says of its troubles. */
export type TroubleStatus = {
  readonly reason?: string;
  readonly phase?: string;
  readonly conditions?: readonly Condition[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly containerStatuses?: readonly ContainerStatus[];
};

/** Waiting reasons that pass by themselves. */
const ORDINARY = new Set(['ContainerCreating', 'PodInitializing']);
/** Two names of one trouble, between which the kubelet alternates. */
const SAME: Readonly<Record<string, string>> = { ErrImagePull: 'ImagePullBackOff' };
/** A container that has ended badly so often is in a crash loop, also while it runs for a moment. */
const CRASH_LOOP_RESTARTS = 2;
/** After so long a run the kubelet begins to count again: restarts of a node, or a crash a month, are no loop. */
const LONG_RUN_MS = 600_000;

/**
 * Why a pod is not ready, in one CamelCase word, or undefined while it may just need time. The word stays the
 * same through the turns of a crash loop or of image pulls, so that they cause no writes.
 */
export function troubleOf(status: TroubleStatus = {}): string | undefined {
  if (status.phase === 'Failed') return status.reason ?? 'Failed';
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return scheduled.reason ?? 'Unschedulable';
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  for (const container of containers) {
    const trouble = container.ready === true ? undefined : containerTrouble(container);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

function containerTrouble({ restartCount = 0, state, lastState }: ContainerStatus): string | undefined {
  const ended = state?.terminated ?? lastState?.terminated;
  if (restartCount >= CRASH_LOOP_RESTARTS && ended && ended.exitCode !== 0 && !ranLong(ended)) {
    return 'CrashLoopBackOff';
  }
  const waiting = state?.waiting?.reason;
  return waiting === undefined || ORDINARY.has(waiting) ? undefined : (SAME[waiting] ?? waiting);
}

function ranLong({ startedAt = '', finishedAt = '' }: NonNullable<ContainerState['terminated']>): boolean {
  return Date.parse(finishedAt) - Date.parse(startedAt) >= LONG_RUN_MS;
}
