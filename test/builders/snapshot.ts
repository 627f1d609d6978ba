import type { Snapshot } from '../../src/core/plan.ts';
import { daemonSet } from './daemonset.ts';
import { revision } from './revision.ts';

/**
 * What one reconcile looks at: an idle cluster without nodes and pods, whose history holds the current template
 * under the hash `new`. Frozen, so that whoever writes to it fails.
 */
export function snapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  const set = overrides.daemonSet ?? daemonSet();
  return deepFreeze({
    daemonSet: set,
    nodes: [],
    pods: [],
    revisions: [revision('new', { of: set })],
    expectationsSatisfied: true,
    backoff: new Map(),
    ...overrides,
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
