import type { DaemonSet } from '../../../../src/api/daemonset.ts';
import type { DaemonSetChange } from '../../../../src/core/admission/rule.ts';

export type Parts = {
  readonly selector?: unknown;
  readonly labels?: unknown;
  readonly podSpec?: unknown;
  readonly updateStrategy?: unknown;
  readonly annotations?: unknown;
};

/** A DaemonSet as JSON, with any shape at the places that rules read; `undefined` leaves a field out. */
export function rawDaemonSet(parts: Parts): unknown {
  const { selector, labels, podSpec = { containers: [] }, updateStrategy, annotations } = parts;
  return JSON.parse(
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent', namespace: 'default', annotations },
      spec: { selector, updateStrategy, template: { metadata: { labels }, spec: podSpec } },
    }),
  );
}

export function created(parts: Parts): DaemonSetChange {
  return creationOf(rawDaemonSet(parts));
}

export function updated(before: Parts, after: Parts): DaemonSetChange {
  return updateOf(rawDaemonSet(before), rawDaemonSet(after));
}

type Surroundings = Pick<DaemonSetChange, 'cluster' | 'blastRadius' | 'options'>;

export function creationOf(object: unknown, around: Surroundings = {}): DaemonSetChange {
  return { operation: 'CREATE', namespace: 'default', object, oldObject: undefined, ...around };
}

export function updateOf(before: unknown, after: unknown, around: Surroundings = {}): DaemonSetChange {
  return { operation: 'UPDATE', namespace: 'default', object: after, oldObject: before, ...around };
}

export function deletionOf(stored: DaemonSet, around: Surroundings = {}): DaemonSetChange {
  return { operation: 'DELETE', namespace: 'default', object: null, oldObject: stored, ...around };
}
