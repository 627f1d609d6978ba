import type {
  DaemonSet,
  DaemonSetStatus,
  DaemonSetUpdateStrategy,
  RollingUpdateDaemonSet,
} from '../../src/api/daemonset.ts';
import type { LabelSelector, StringMap } from '../../src/api/meta.ts';
import type { PodSpec } from '../../src/api/pod.ts';

export const DEMO_UID = 'uid-demo';

export type DaemonSetOverrides = {
  readonly name?: string;
  readonly generation?: number;
  readonly annotations?: StringMap;
  readonly deletionTimestamp?: string;
  readonly selector?: LabelSelector;
  readonly templateMetadata?: {
    readonly labels?: StringMap;
    readonly annotations?: StringMap;
    readonly finalizers?: readonly string[];
  };
  readonly podSpec?: PodSpec;
  readonly strategy?: DaemonSetUpdateStrategy;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly status?: DaemonSetStatus;
};

/** The DaemonSet `demo` in the namespace `default`, as the API server returns it: with defaults set. */
export function daemonSet(overrides: DaemonSetOverrides = {}): DaemonSet {
  const { name = 'demo', generation = 1, annotations, deletionTimestamp, status } = overrides;
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: DEMO_UID,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation,
      ...(annotations && { annotations }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
    spec: {
      selector: overrides.selector ?? { matchLabels: { app: 'demo' } },
      template: {
        metadata: overrides.templateMetadata ?? { labels: { app: 'demo' } },
        spec: { containers: [{ name: 'app', image: 'pause:3.10' }], ...overrides.podSpec },
      },
      updateStrategy: overrides.strategy ?? rollingUpdate({ maxUnavailable: 1, maxSurge: 0 }),
      minReadySeconds: overrides.minReadySeconds ?? 0,
      revisionHistoryLimit: overrides.revisionHistoryLimit ?? 10,
    },
    ...(status && { status }),
  };
}

export const ON_DELETE: DaemonSetUpdateStrategy = { type: 'OnDelete' };

export function rollingUpdate(limits: RollingUpdateDaemonSet): DaemonSetUpdateStrategy {
  return { type: 'RollingUpdate', rollingUpdate: limits };
}

/** A rollout that adds `maxSurge` new pods before it takes old ones away. */
export function surging(maxSurge: number | string): DaemonSetUpdateStrategy {
  return rollingUpdate({ maxUnavailable: 0, maxSurge });
}
