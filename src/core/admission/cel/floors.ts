import { impostor } from '../pod-rules/impostor.ts';
import { labelTheft } from '../pod-rules/label-theft.ts';
import { practices } from '../practices/index.ts';
import { activeDeadline } from '../rules/active-deadline.ts';
import { blastRadius } from '../rules/blast-radius.ts';
import { ephemeralContainers } from '../rules/ephemeral-containers.ts';
import { hostPortClash } from '../rules/host-port-clash.ts';
import { nodeAffinitySyntax } from '../rules/node-affinity-syntax.ts';
import { notNegative } from '../rules/not-negative.ts';
import { restartPolicy } from '../rules/restart-policy.ts';
import { selectorEmpty } from '../rules/selector-empty.ts';
import { selectorImmutable } from '../rules/selector-immutable.ts';
import { selectorMatchesTemplate } from '../rules/selector-matches-template.ts';
import { selectorOverlapRule } from '../rules/selector-overlap.ts';
import { selectorSyntax } from '../rules/selector-syntax.ts';
import { updateStrategy } from '../rules/update-strategy.ts';
import { deletionProtectedFloor, orphaningDeleteFloor } from './deletion.ts';
import type { Floor } from './floor.ts';
import { placementUnknownFloor } from './placement-unknown.ts';
import { podNodeFloors } from './pod-node.ts';
import { surgeHostPortFloor } from './surge-host-port.ts';

/** Rules that ValidatingAdmissionPolicies keep up while no webhook answers. */
export const floors: readonly Floor[] = [
  surgeHostPortFloor,
  placementUnknownFloor,
  deletionProtectedFloor,
  orphaningDeleteFloor,
  ...podNodeFloors,
];

/**
 * Rules that the API server keeps up by its own validation. It runs before any ValidatingAdmissionPolicy is
 * evaluated, so a policy for them could never be the first to refuse: it would cost time and say nothing. What
 * is lost while no webhook answers is the explanation. A level of `warn` or `off` has no effect on the refusal.
 *
 * Source: upstream `ValidateDaemonSet`, `ValidateDaemonSetUpdate`; held against it in
 * test/integration/verdicts.test.ts.
 */
export const keptByApiServer: readonly string[] = [
  selectorImmutable.id,
  selectorEmpty.id,
  selectorMatchesTemplate.id,
  restartPolicy.id,
  activeDeadline.id,
  updateStrategy.id,
  selectorSyntax.id,
  ephemeralContainers.id,
  notNegative.id,
  nodeAffinitySyntax.id,
];

/** Rules that nobody keeps up while no webhook answers. */
export const needsWebhook: readonly string[] = [
  // They look at other objects than the one at hand, which no policy can.
  selectorOverlapRule.id,
  hostPortClash.id,
  blastRadius.id,
  labelTheft.id,
  // Who may make the pods of DaemonSets is configured. A policy that is not told would keep agents from coming back.
  impostor.id,
  // Advice, which guards nothing.
  ...practices.map(({ id }) => id),
];
