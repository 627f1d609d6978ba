import type { DaemonSetRule } from '../rule.ts';
import { restartPolicy } from './restart-policy.ts';
import { selectorEmpty } from './selector-empty.ts';
import { selectorImmutable } from './selector-immutable.ts';
import { selectorMatchesTemplate } from './selector-matches-template.ts';

/** Every rule on DaemonSets, in the order in which violations are listed. */
export const daemonSetRules: readonly DaemonSetRule[] = [
  selectorImmutable,
  selectorEmpty,
  selectorMatchesTemplate,
  restartPolicy,
];
