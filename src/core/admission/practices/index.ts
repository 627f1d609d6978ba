import type { DaemonSetRule } from '../rule.ts';
import { allAtOnce } from './all-at-once.ts';
import { crashLoop } from './crash-loop.ts';
import { deprecatedAnnotations } from './deprecated-annotations.ts';
import { deprecatedApi } from './deprecated-api.ts';
import { deprecatedNodeLabels } from './deprecated-node-labels.ts';
import { gracePeriod } from './grace-period.ts';
import { imageTag } from './image-tag.ts';
import { misscheduled } from './misscheduled.ts';
import { nodeNameExpression } from './node-name-expression.ts';
import { nodesWithoutPod } from './nodes-without-pod.ts';
import { platform } from './platform.ts';
import { privileged } from './privileged.ts';
import { readinessProbe } from './readiness-probe.ts';
import { readyAtOnce } from './ready-at-once.ts';
import { resources } from './resources.ts';
import { sameJob } from './same-job.ts';
import { staleOnDelete } from './stale-on-delete.ts';
import { toleratesEverything } from './tolerates-everything.ts';
import { unknownField } from './unknown-field.ts';
import { wellFormed } from './well-formed.ts';

/**
 * What works, and still is no good idea for an agent that every node depends on. Off at admission unless the
 * configuration says otherwise; audit and lint report them.
 */
export const practices: readonly DaemonSetRule[] = [
  wellFormed,
  unknownField,
  readinessProbe,
  readyAtOnce,
  allAtOnce,
  toleratesEverything,
  privileged,
  resources,
  imageTag,
  platform,
  gracePeriod,
  nodeNameExpression,
  deprecatedNodeLabels,
  deprecatedAnnotations,
  deprecatedApi,
  sameJob,
  nodesWithoutPod,
  misscheduled,
  crashLoop,
  staleOnDelete,
];
