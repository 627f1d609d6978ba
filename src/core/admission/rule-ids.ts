import { POD_NAMES_NO_NODE, POD_NAMES_TWO_NODES, POD_NOT_PINNED } from './pod-node.ts';
import { podRules } from './pod-rules/index.ts';
import { practices } from './practices/index.ts';
import { daemonSetRules } from './rules/index.ts';

/** Every rule whose level can be set. */
export const ruleIds: readonly string[] = [
  ...daemonSetRules.map(({ id }) => id),
  ...practices.map(({ id }) => id),
  ...podRules.map(({ id }) => id),
  POD_NAMES_NO_NODE,
  POD_NAMES_TWO_NODES,
  POD_NOT_PINNED,
];
