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
  return { operation: 'CREATE', object: rawDaemonSet(parts), oldObject: undefined };
}

export function updated(before: Parts, after: Parts): DaemonSetChange {
  return { operation: 'UPDATE', object: rawDaemonSet(after), oldObject: rawDaemonSet(before) };
}
