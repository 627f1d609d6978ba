import type { DaemonSet } from '../api/daemonset.ts';
import type { PodRecord } from '../api/pod.ts';
import type { CreateReason, DeleteReason, PlannedEvent } from '../core/plan.ts';
import type { Client } from '../kube/client.ts';
import type { DaemonSetMemory } from './memory.ts';

/** What carrying out a plan needs besides the plan. */
export type ApplyContext = {
  readonly client: Client;
  readonly daemonSet: DaemonSet;
  readonly memory: DaemonSetMemory;
  /** Whether the plan still stands: false once the DaemonSet is gone or asks for something else. */
  readonly isCurrent: () => boolean;
  /** Ends the work between two calls. */
  readonly signal: AbortSignal;
  readonly recordEvent: (type: PlannedEvent['type'], reason: string, message: string) => void;
  /** Told of what the API server accepted. */
  readonly onCreated: (pod: PodRecord, reason: CreateReason) => void;
  readonly onDeleted: (reason: DeleteReason) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};
