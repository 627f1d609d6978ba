import { DEFAULT_POLICY } from '../../core/policy.ts';
import type { Client } from '../../kube/client.ts';
import { LeaseLostError } from '../../kube/lease.ts';
import { runSync, type SyncOptions } from '../../syncloop/run.ts';
import type { Logger } from '../../telemetry/log.ts';
import { createMetrics } from '../../telemetry/metrics.ts';
import { DEFAULT_LEASE_NAME, DEFAULT_NAMESPACE } from '../options.ts';
import { version } from '../version.ts';

type Sync = {
  readonly client: Client;
  readonly logger: Logger;
  /** Whether the cluster is one that we have just started. */
  readonly isLocal: boolean;
  readonly note: (text: string) => void;
};

/**
 * Runs the sync loop until the signal ends it. When its Lease is lost it begins anew: a laptop that sleeps for a
 * while loses it each time, and here nobody starts the process again, as a kubelet would.
 */
export async function keepSyncing(
  { client, logger, isLocal, note }: Sync,
  signal: AbortSignal,
): Promise<void> {
  const options: Omit<SyncOptions, 'metrics'> = {
    client,
    logger,
    namespace: DEFAULT_NAMESPACE,
    leaseName: DEFAULT_LEASE_NAME,
    identity: `up-${crypto.randomUUID()}`,
    mode: 'auto',
    concurrentSyncs: 8,
    policy: DEFAULT_POLICY,
    // Nobody else is in a cluster that we have just started.
    probeTimeoutMs: isLocal ? 1_000 : 5_000,
  };
  for (;;) {
    try {
      return await runSync({ ...options, metrics: createMetrics(version()) }, signal);
    } catch (error) {
      if (!(error instanceof LeaseLostError) || signal.aborted) throw error;
      note('The Lease was lost, as when the machine sleeps or has too much to do; competing for it again');
    }
  }
}
