import { expect, onTestFinished, vi } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { revisionData } from '../../src/core/history/revision-data.ts';
import type { Occurrence } from '../../src/kube/events.ts';
import { createWorkqueue } from '../../src/kube/workqueue.ts';
import { Controller, type ControllerOptions } from '../../src/syncloop/controller.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from './fake-client.ts';
import { type Contents, filledCaches } from './filled-caches.ts';
import { daemonSetNamed, ownedBy } from './objects.ts';
import { rawPod, rawRevision } from './raw-objects.ts';

export const KEY = 'default/demo';

/** The revision that holds the DaemonSet's template, under the hash `new`. */
export function historyOf(daemonSet: DaemonSet): object {
  const { namespace, name, uid } = daemonSet.metadata;
  const record = { ...revision('new'), namespace, name: `new-of-${uid}`, uid: `uid-new-of-${uid}` };
  const data: unknown = JSON.parse(revisionData(daemonSet.spec.template));
  return rawRevision({ ...record, controller: { kind: 'DaemonSet', name, uid } }, data);
}

/** A pod as the server has it right after its creation. */
export function created(resourceVersion: string, { on = 'n1', of = daemonSetNamed('demo') } = {}): object {
  const record = pod(`${of.metadata.name}-on-${on}`, { on, bound: false, phase: 'Pending' });
  return rawPod({ ...record, ...ownedBy(of), resourceVersion });
}

export type Controlled = {
  readonly client: FakeClient;
  readonly queue: ControllerOptions['queue'];
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly events: readonly Occurrence[];
  readonly end: AbortController;
  /** Resolves when the controller has ended. */
  readonly ended: Promise<void>;
  /** Milliseconds after which keys were to come up again, so far. */
  readonly waits: () => readonly number[];
  /** Waits until so many syncs have ended well, in all. */
  readonly synced: (count: number) => Promise<void>;
};

/**
 * A controller at work on a cluster, until the test ends it or has ended. All DaemonSets there are have been
 * enqueued, and their templates are in the history.
 */
export async function controlling(
  contents: Contents,
  overrides: Partial<ControllerOptions> = {},
  client = new FakeClient(),
  end = new AbortController(),
): Promise<Controlled> {
  const { daemonSets = [] } = contents;
  client.answer('create Pod', created('101')).answer('patch DaemonSet/status', ({ key, body }) => {
    const { status } = body as Pick<DaemonSet, 'status'>;
    const old = daemonSets.find(({ metadata }) => key === `${metadata.namespace}/${metadata.name}`);
    return { ...old, metadata: { ...old?.metadata, resourceVersion: '105' }, status };
  });
  const caches = await filledCaches(client, { revisions: daemonSets.map(historyOf), ...contents });
  const queue = createWorkqueue();
  const forget = vi.spyOn(queue, 'forget');
  const addAfter = vi.spyOn(queue, 'addAfter');
  const events: Occurrence[] = [];
  const logger = recordingLogger();
  const controller = new Controller({
    client,
    caches,
    queue,
    events: { record: (occurrence) => void events.push(occurrence), flush: async () => {} },
    logger,
    concurrentSyncs: 1,
    policy: DEFAULT_POLICY,
    metrics: createMetrics('test'),
    probeKey: 'everynode-system/probe',
    ...overrides,
  });
  for (const { metadata } of daemonSets) queue.add(`${metadata.namespace}/${metadata.name}`);
  const ended = controller.run(end.signal);
  onTestFinished(async () => {
    end.abort();
    await ended;
  });
  const synced = (count: number): Promise<void> =>
    vi.waitFor(() => expect(forget.mock.calls.length).toBeGreaterThanOrEqual(count), {
      timeout: 10_000,
      interval: 2,
    });
  const waits = (): readonly number[] => addAfter.mock.calls.map(([, ms]) => ms);
  return { client, queue, logger, events, end, ended, waits, synced };
}
