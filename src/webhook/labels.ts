import type { AdmissionRequest } from '../api/admission.ts';

/** The kinds of which metrics tell apart, by group and kind; every other one is counted as `other`. */
const KINDS: ReadonlyMap<string, string> = new Map(
  [
    'apps/DaemonSet',
    '/Pod',
    'apps/Deployment',
    'apps/ReplicaSet',
    'apps/StatefulSet',
    'batch/CronJob',
    'batch/Job',
    '/ReplicationController',
  ].map((name) => [name, name.slice(name.indexOf('/') + 1)]),
);
const OPERATIONS: ReadonlySet<string> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);
const OTHER = 'other';

export type RequestLabels = { readonly kind: string; readonly operation: string };

/** The labels of what could not be read. */
export const UNKNOWN_REQUEST: RequestLabels = { kind: OTHER, operation: OTHER };

/** Whatever a request says of itself, in words of a bounded set. */
export function requestLabels({ kind, operation }: AdmissionRequest): RequestLabels {
  return {
    kind: KINDS.get(`${kind.group}/${kind.kind}`) ?? OTHER,
    operation: OPERATIONS.has(operation) ? operation : OTHER,
  };
}
