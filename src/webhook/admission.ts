import type { AdmissionRequest } from '../api/admission.ts';
import { type ClusterCaches, createClusterCaches } from '../cache/cluster-caches.ts';
import { type AdmissionContext, decide, type Phase } from '../core/admission/decide.ts';
import { impostor } from '../core/admission/pod-rules/impostor.ts';
import type { AdmissionSettings } from '../core/admission/settings.ts';
import type { Verdict } from '../core/admission/verdict.ts';
import type { Client } from '../kube/client.ts';
import { whoAmI } from '../kube/who-am-i.ts';
import type { Logger } from '../telemetry/log.ts';

/** Admission with what it knows of the cluster. */
export type Admission = {
  readonly decide: (phase: Phase, request: AdmissionRequest) => Verdict;
  /** What is still to come before every rule can speak; undefined when all is there, or has been waited for long enough. */
  readonly waitsFor: () => string | undefined;
  readonly stop: () => Promise<void>;
};

export type AdmissionOptions = {
  readonly settings: AdmissionSettings;
  readonly client: Client;
  readonly logger: Logger;
  /** Followed by somebody else; absent: it follows the cluster by itself. */
  readonly cluster?: ClusterCaches;
  /** How long it counts as not ready for want of its caches. */
  readonly syncTimeoutMs?: number;
};

const SYNC_TIMEOUT_MS = 15_000;

/**
 * Follows the cluster for the rules that look at more than the object at hand. Until the caches are full these
 * have no opinion, and nothing waits for them for long: a cluster that cannot list must still be able to heal.
 */
export function startAdmission(options: AdmissionOptions): Admission {
  const { client, logger, settings, syncTimeoutMs = SYNC_TIMEOUT_MS } = options;
  const caches = options.cluster ?? createClusterCaches(client, logger);
  const stopping = new AbortController();
  const running = options.cluster ? undefined : caches.run(stopping.signal);
  // Until we know our own name, nobody is refused for theirs.
  let context: AdmissionContext = {
    settings: { ...settings, rules: { ...settings.rules, [impostor.id]: 'off' } },
  };
  let waiting = true;
  const timer = setTimeout(() => {
    waiting = false;
    logger.warn(
      { waitedMs: syncTimeoutMs },
      'the cluster has not been read yet; rules that look at other objects are silent until it is',
    );
  }, syncTimeoutMs).unref();
  const learn = async (): Promise<void> => {
    const daemonPodMakers = [...settings.daemonPodMakers, ...(await ownName(client, logger))];
    context = { ...context, settings: { ...settings, daemonPodMakers } };
  };
  const fill = async (): Promise<void> => {
    await caches.synced;
    clearTimeout(timer);
    waiting = false;
    context = { ...context, cluster: caches.view };
    logger.debug({}, 'all rules know the cluster');
  };
  void learn();
  void fill();
  return {
    decide: (phase, request) => decide(phase, request, context),
    waitsFor: () => (waiting ? 'the cluster to be read' : undefined),
    stop: async () => {
      clearTimeout(timer);
      stopping.abort();
      await running;
    },
  };
}

/** Whoever serves the webhook may run the sync loop as well. */
async function ownName(client: Client, logger: Logger): Promise<readonly string[]> {
  try {
    const name = await whoAmI(client);
    return name === undefined ? [] : [name];
  } catch (error) {
    logger.debug({ err: error }, 'the API server does not say who we are');
    return [];
  }
}
