import { expect, onTestFinished, vi } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { DAEMONSETS } from '../../src/api/kinds.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { runSync, type SyncOptions } from '../../src/syncloop/run.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { type Call, FakeClient, refusal } from './fake-client.ts';
import { type Contents, sendInitial } from './filled-caches.ts';
import { daemonSetNamed } from './objects.ts';

export const NAMESPACE = 'everynode-system';
export const PROBE = `${NAMESPACE}/everynode-sync-probe`;

export const probe = ({ answered = false, resourceVersion = '101' } = {}): DaemonSet =>
  daemonSetNamed(
    'everynode-sync-probe',
    { namespace: NAMESPACE, uid: 'uid-probe', resourceVersion },
    answered ? { status: { observedGeneration: 1 } } : {},
  );

/** An API server with nobody else at work: a Lease that is free, and a probe that can be placed. */
export function quietServer(): FakeClient {
  let lease: object = refusal(404, 'NotFound');
  let resourceVersion = 0;
  const store = ({ body }: Call): object => {
    resourceVersion += 1;
    const { metadata } = body as { metadata: object };
    lease = { ...(body as object), metadata: { ...metadata, resourceVersion: String(resourceVersion) } };
    return lease;
  };
  return new FakeClient()
    .answer('get Namespace', {})
    .answer('get Lease', () => lease)
    .answer('create Lease', store)
    .answer('update Lease', store)
    .answer('create DaemonSet', probe())
    .answer('delete DaemonSet', {})
    .answer('create Event', {});
}

export type Running = {
  readonly client: FakeClient;
  readonly end: AbortController;
  /** How it ended, told apart from an error that nobody waits for. */
  readonly ended: Promise<unknown>;
  readonly told: string[];
  readonly logger: ReturnType<typeof recordingLogger>;
};

/** Runs the sync loop until the test ends it, or has ended. */
export function run(overrides: Partial<SyncOptions> = {}, client = quietServer()): Running {
  const end = new AbortController();
  const told: string[] = [];
  const logger = recordingLogger();
  const options: SyncOptions = {
    client,
    logger,
    namespace: NAMESPACE,
    leaseName: 'everynode-sync',
    identity: 'me',
    mode: 'auto',
    concurrentSyncs: 1,
    policy: DEFAULT_POLICY,
    metrics: createMetrics('test'),
    probeTimeoutMs: 1,
    onMode: (mode) => void told.push(mode),
    onWaiting: (what) => void told.push(what === undefined ? 'waits no longer' : `waits for ${what}`),
    ...overrides,
  };
  const ended = runSync(options, end.signal).then(
    () => 'well',
    (error: unknown) => error,
  );
  onTestFinished(async () => {
    end.abort();
    await ended;
  });
  return { client, end, ended, told, logger };
}

export const FILLED = ['waits for the caches to fill', 'waits no longer'];
export const patience = { timeout: 20_000, interval: 5 };

/** Fills the caches. */
export const begins = (client: FakeClient, contents: Contents = {}): Promise<void> =>
  sendInitial(client, { daemonSets: [], nodes: [], pods: [], revisions: [], ...contents });

/** Waits until it has told this, after having filled its caches. */
export const hasTold = ({ told }: Running, ...expected: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(told).toEqual([...FILLED, ...expected]), patience);

/** Somebody syncs the probe. */
export const answerProbe = (client: FakeClient): Promise<void> =>
  client.feed(DAEMONSETS).send('MODIFIED', probe({ answered: true, resourceVersion: '102' }));

/** Somebody answers the probe as soon as it stands. */
export function withAnotherController(): FakeClient {
  const client = quietServer();
  return client.answer('create DaemonSet', async () => {
    await answerProbe(client);
    return probe();
  });
}

/** Who held the Lease, write by write. */
export const holders = (client: FakeClient): readonly string[] =>
  [...client.callsOf('create Lease'), ...client.callsOf('update Lease')].map(
    ({ body }) => (body as { spec: { holderIdentity: string } }).spec.holderIdentity,
  );
