import { checkCaBundles } from './ca-bundle.ts';
import { checkAgents } from './check-agents.ts';
import { checkBackends } from './check-backends.ts';
import { checkEverynode } from './check-everynode.ts';
import { checkHeartbeats, checkTimeouts } from './check-requests.ts';
import { checkUrls } from './check-urls.ts';
import type { Evidence } from './evidence.ts';
import { bySeverity, type Finding } from './finding.ts';
import { recoveryOf } from './recovery.ts';

/**
 * All that is wrong with a cluster's webhooks as far as its node agents depend on them, and with everynode
 * itself, worst first. `now` in milliseconds since the epoch.
 */
export function diagnose(evidence: Evidence, now: number): readonly Finding[] {
  const recovery = recoveryOf(evidence);
  return bySeverity([
    ...checkBackends(evidence, recovery),
    ...checkAgents(evidence, recovery),
    ...checkHeartbeats(evidence),
    ...checkCaBundles(evidence, now),
    ...checkUrls(evidence),
    ...checkTimeouts(evidence),
    ...checkEverynode(evidence, now),
  ]);
}
