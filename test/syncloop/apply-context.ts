import type { DaemonSet } from '../../src/api/daemonset.ts';
import type { PodRecord } from '../../src/api/pod.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import type { FailedPodBackoff } from '../../src/core/placement/failed-pod-backoff.ts';
import type { ApplyContext } from '../../src/syncloop/apply-context.ts';
import { DaemonSetMemory } from '../../src/syncloop/memory.ts';
import { NOW } from '../builders/clock.ts';
import type { FakeClient } from './fake-client.ts';
import { daemonSetNamed } from './objects.ts';

/** Keeps what it is told, a phrase each. */
export class RecordingMemory extends DaemonSetMemory {
  readonly told: string[] = [];

  override wrotePod(resourceVersion: string, now: number): void {
    this.told.push(`wrote pod at ${resourceVersion}${now === NOW ? '' : ', at another time'}`);
  }

  override lostAnswer(): void {
    this.told.push('lost an answer');
  }

  override deletedPod({ name }: PodRecord, now: number): void {
    this.told.push(`deleted pod ${name}${now === NOW ? '' : ', at another time'}`);
  }

  override wroteRevision({ name, resourceVersion }: RevisionRecord): void {
    this.told.push(`wrote revision ${name} at ${resourceVersion}`);
  }

  override wroteDaemonSet({ metadata }: DaemonSet): void {
    this.told.push(`wrote DaemonSet ${metadata.name} at ${metadata.resourceVersion}`);
  }

  override rememberBackoff(backoff: FailedPodBackoff): void {
    this.told.push(`remembered back-off of ${[...backoff.keys()].join(', ')}`);
  }
}

export type RecordingContext = ApplyContext & {
  readonly memory: RecordingMemory;
  /** `type reason message` of each Event. */
  readonly events: string[];
  /** What was counted, a phrase each. */
  readonly counted: string[];
};

/** What carrying out a plan for `demo` needs, with ears everywhere. */
export function applyContext(client: FakeClient, overrides: Partial<ApplyContext> = {}): RecordingContext {
  const events: string[] = [];
  const counted: string[] = [];
  return {
    client,
    daemonSet: daemonSetNamed('demo'),
    signal: new AbortController().signal,
    recordEvent: (type, reason, message) => void events.push(`${type} ${reason} ${message}`),
    onCreated: (pod, reason) => void counted.push(`created ${pod.name}: ${reason}`),
    onDeleted: (reason) => void counted.push(`deleted: ${reason}`),
    isCurrent: () => true,
    now: () => NOW,
    ...overrides,
    memory: new RecordingMemory(),
    events,
    counted,
  };
}
