import type { DaemonSet } from '../api/daemonset.ts';
import type { PlannedEvent } from '../core/plan.ts';
import type { Client } from '../kube/client.ts';
import type { DaemonSetMemory } from './memory.ts';

/** What carrying out a plan needs besides the plan. */
export type ApplyContext = {
  readonly client: Client;
  readonly daemonSet: DaemonSet;
  readonly memory: DaemonSetMemory;
  /** Ends the work between two calls. */
  readonly signal: AbortSignal;
  readonly recordEvent: (type: PlannedEvent['type'], reason: string, message: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};
