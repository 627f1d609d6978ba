import type { DaemonSetRule } from '../rule.ts';
import { activeDeadline } from './active-deadline.ts';
import { blastRadius } from './blast-radius.ts';
import { deletionProtected } from './deletion-protected.ts';
import { ephemeralContainers } from './ephemeral-containers.ts';
import { hostPortClash } from './host-port-clash.ts';
import { nodeAffinitySyntax } from './node-affinity-syntax.ts';
import { notNegative } from './not-negative.ts';
import { orphaningDelete } from './orphaning-delete.ts';
import { placementUnknown } from './placement-unknown.ts';
import { restartPolicy } from './restart-policy.ts';
import { selectorEmpty } from './selector-empty.ts';
import { selectorImmutable } from './selector-immutable.ts';
import { selectorMatchesTemplate } from './selector-matches-template.ts';
import { selectorOverlapRule } from './selector-overlap.ts';
import { selectorSyntax } from './selector-syntax.ts';
import { surgeHostPort } from './surge-host-port.ts';
import { updateStrategy } from './update-strategy.ts';

/** Every rule on DaemonSets, in the order in which violations are listed. */
export const daemonSetRules: readonly DaemonSetRule[] = [
  selectorImmutable,
  selectorEmpty,
  selectorSyntax,
  selectorMatchesTemplate,
  restartPolicy,
  activeDeadline,
  ephemeralContainers,
  notNegative,
  nodeAffinitySyntax,
  updateStrategy,
  surgeHostPort,
  placementUnknown,
  selectorOverlapRule,
  hostPortClash,
  blastRadius,
  deletionProtected,
  orphaningDelete,
];
