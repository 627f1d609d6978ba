import { onTestFinished } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS } from '../../src/api/kinds.ts';
import { type Caches, createCaches } from '../../src/cache/caches.ts';
import { recordingLogger } from '../fakes/logger.ts';
import type { FakeClient } from './fake-client.ts';

/** Objects as the API server sends them. */
export type Contents = {
  readonly daemonSets?: readonly DaemonSet[];
  readonly nodes?: readonly object[];
  readonly pods?: readonly object[];
  readonly revisions?: readonly object[];
  /** How far the caches have come. */
  readonly resourceVersion?: string;
};

const KINDS = { daemonSets: DAEMONSETS, nodes: NODES, pods: PODS, revisions: CONTROLLER_REVISIONS } as const;

const NOTHING = { daemonSets: [], nodes: [], pods: [], revisions: [] } as const;

/** Lets the watches begin with these objects; those of kinds that are left out bring nothing. */
export async function sendInitial(client: FakeClient, contents: Contents): Promise<void> {
  const { resourceVersion = '100', ...objects } = contents;
  const taken = Object.entries(objects).flatMap(([name, list]) => {
    const feed = client.feed(KINDS[name as keyof typeof KINDS]);
    return [...list.map((object) => feed.send('ADDED', object)), feed.bookmark(resourceVersion)];
  });
  await Promise.all(taken);
}

/** The caches, following the client's feeds until the test ends. */
export async function filledCaches(client: FakeClient, contents: Contents = {}): Promise<Caches> {
  const caches = createCaches(client, recordingLogger());
  const stop = new AbortController();
  const running = Promise.all(Object.values(caches).map((informer) => informer.run(stop.signal)));
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  await sendInitial(client, { ...NOTHING, ...contents });
  return caches;
}
