import type { DaemonSet } from '../api/daemonset.ts';
import type { Metrics, Sample } from '../telemetry/metrics.ts';
import type { Caches } from '../cache/caches.ts';

const STATES = {
  desired: 'desiredNumberScheduled',
  current: 'currentNumberScheduled',
  misscheduled: 'numberMisscheduled',
  ready: 'numberReady',
  updated: 'updatedNumberScheduled',
  available: 'numberAvailable',
  unavailable: 'numberUnavailable',
} as const;

/** Metrics that are read off the caches when they are scraped. */
export function sampleCaches(metrics: Metrics, caches: Caches): void {
  metrics.sampled('everynode_informer_objects', 'Objects in each cache.', ['kind'], () =>
    Object.entries(caches).map(([kind, { store }]) => ({ labels: { kind }, value: store.size })),
  );
  metrics.sampled(
    'everynode_daemonset_pods',
    'Pods of each DaemonSet by state, as its status counts them: updated against desired is how far a rollout is.',
    ['namespace', 'daemonset', 'state'],
    () => caches.daemonSets.store.list().flatMap(samplesOf),
  );
}

function samplesOf({ metadata: { namespace, name }, status }: DaemonSet): readonly Sample[] {
  return Object.entries(STATES).map(([state, field]) => ({
    labels: { namespace, daemonset: name, state },
    value: status?.[field] ?? 0,
  }));
}
