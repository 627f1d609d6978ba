import { createEventRecorder, type EventRecorder, type Occurrence } from '../../src/kube/events.ts';
import type { Answer, Exchange } from '../fakes/api-server.ts';
import { passInSteps, settle } from '../fakes/clock.ts';
import { type Connected, connect } from './harness.ts';

export const COLLECTION = '/apis/events.k8s.io/v1/namespaces/kube-system/events';

export function occurrence(overrides: Partial<Occurrence> = {}, name = 'fluentd'): Occurrence {
  return {
    regarding: {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      namespace: 'kube-system',
      name,
      uid: `uid-${name}`,
    },
    type: 'Warning',
    reason: 'FailedCreate',
    note: 'the pod was refused',
    action: 'Sync',
    ...overrides,
  };
}

export type Recording = Connected & {
  readonly recorder: EventRecorder;
  readonly record: EventRecorder['record'];
  /** Events that were sent to be created, also those that were refused. */
  readonly created: () => readonly Exchange[];
  readonly patched: () => readonly Exchange[];
};

/** A recorder, and a server that takes every Event. */
export async function recording(): Promise<Recording> {
  const connected = await connect();
  const { client, logger, server } = connected;
  const recorder = createEventRecorder({
    client,
    logger,
    reportingController: 'everynode.dev/sync',
    reportingInstance: 'host-1',
  });
  const requests = (method: string): readonly Exchange[] =>
    server.requests.filter((request) => request.method === method);
  server.on(`POST ${COLLECTION}`, taken);
  server.otherwise((exchange) => exchange.answer({}));
  return {
    ...connected,
    recorder,
    record: recorder.record,
    created: () => requests('POST'),
    patched: () => requests('PATCH'),
  };
}

export const taken: Answer = (exchange) => exchange.answer(exchange.body, 201);

export const nameOf = ({ json }: Exchange): string => (json as { metadata: { name: string } }).metadata.name;
export const noteOf = ({ json }: Exchange): string => (json as { note: string }).note;

/** Until everything that was recorded has been sent. */
export async function written({ recorder }: Recording): Promise<void> {
  await recorder.flush(60_000);
  await settle();
}

export const MINUTE_MS = 60_000;

/** Lets so many minutes pass. */
export async function minutes(count: number): Promise<void> {
  await passInSteps(count * MINUTE_MS, 5_000);
}
