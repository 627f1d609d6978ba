import type { NodeView, RolloutView } from '../../../src/cli/up/rollout-view.ts';

/** A node in each state that a rollout goes through. */
export const NODES: readonly NodeView[] = [
  { name: 'node-1', eligible: true, pod: 'demo-x7k2p', phase: 'Running', available: true },
  { name: 'node-2', eligible: true, pod: 'demo-b4', phase: 'Pending', available: false },
  { name: 'node-3', eligible: true, available: false },
  {
    name: 'node-10',
    eligible: false,
    reason: 'has the taint dedicated=gpu:NoSchedule, which the pod does not tolerate',
    available: false,
  },
];

/** A rollout half way, on these nodes. */
export function view(nodes: readonly NodeView[] = NODES): RolloutView {
  return { daemonSet: 'default/demo', desired: 3, current: 2, ready: 1, available: 1, updated: 2, nodes };
}
