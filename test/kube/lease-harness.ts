import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type LeaderElectionOptions, runLeaderElection } from '../../src/kube/lease.ts';
import type { Answer, Exchange, FakeApiServer } from '../fakes/api-server.ts';
import { passInSteps } from '../fakes/clock.ts';
import type { Connected } from './harness.ts';

const COLLECTION = '/apis/coordination.k8s.io/v1/namespaces/ours/leases';
const ITEM = `${COLLECTION}/everynode`;

export type Spec = Readonly<Record<string, unknown>>;
type Lease = { metadata: { name: string; resourceVersion: string; [field: string]: unknown }; spec: Spec };

/** Stores one Lease as an API server does: a write on an old resourceVersion is a conflict. */
export class LeaseServer {
  lease: Lease | undefined;
  /** How long the answer to a write is on its way. */
  answerMs = 0;
  /** What was written, and when. */
  readonly writes: { readonly spec: Spec; readonly at: number }[] = [];
  readonly #server: FakeApiServer;
  #version = 1;

  private constructor(server: FakeApiServer) {
    this.#server = server;
  }

  /** Serves a Lease, or for the time being none. */
  static at(server: FakeApiServer, spec?: Spec): LeaseServer {
    const leases = new LeaseServer(server);
    if (spec) leases.put(spec);
    leases.serve();
    return leases;
  }

  /** Writes as somebody else does. */
  put(spec: Spec, metadata: object = {}): void {
    this.#version += 1;
    this.lease = {
      metadata: { name: 'everynode', ...metadata, resourceVersion: String(this.#version) },
      spec,
    };
  }

  serve(): void {
    this.on('GET', (exchange) => (this.lease ? exchange.answer(this.lease) : exchange.refuse(404)));
    this.on('POST', (exchange) => this.#write(exchange, !this.lease, 'AlreadyExists'));
    this.on('PUT', (exchange) => this.#write(exchange, this.#isCurrent(exchange), 'Conflict'));
  }

  on(method: 'GET' | 'POST' | 'PUT', answer: Answer): void {
    this.#server.on(`${method} ${method === 'POST' ? COLLECTION : ITEM}`, answer);
  }

  /** Answers this way until `serve`. */
  fail(answer: Answer): void {
    for (const method of ['GET', 'POST', 'PUT'] as const) this.on(method, answer);
  }

  #isCurrent({ json }: Exchange): boolean {
    return (json as Lease).metadata.resourceVersion === this.lease?.metadata.resourceVersion;
  }

  #write(exchange: Exchange, isAllowed: boolean, reason: string): void {
    if (!isAllowed) {
      exchange.refuse(409, { reason });
      return;
    }
    const { spec, metadata } = exchange.json as Lease;
    this.writes.push({ spec, at: performance.now() });
    this.put(spec, metadata);
    const { lease } = this;
    if (this.answerMs > 0) setTimeout(() => exchange.answer(lease), this.answerMs);
    else exchange.answer(lease);
  }
}

export type Candidate = {
  /** What has happened, in words. */
  readonly events: readonly string[];
  /** When the signal to stop leading came. */
  readonly stoppedAt: () => number | undefined;
  /** Ends the election. */
  readonly stop: () => void;
  /** Lets the leading end by itself, or with an error. */
  readonly finish: (error?: Error) => void;
  readonly result: Promise<void>;
};

/** Runs for leader. The leading takes a moment to end once it is told to. */
export function candidate(
  { client, logger }: Connected,
  identity: string,
  options: Partial<LeaderElectionOptions> = {},
): Candidate {
  const ending = new AbortController();
  const finished = Promise.withResolvers<void>();
  const events: string[] = [];
  let stoppedAt: number | undefined;
  const result = runLeaderElection({
    client,
    logger,
    namespace: 'ours',
    name: 'everynode',
    identity,
    signal: ending.signal,
    onNewLeader: (leader) => events.push(`leader is ${leader}`),
    onStartedLeading: async (signal) => {
      events.push('started');
      signal.addEventListener('abort', () => (stoppedAt = performance.now()));
      await Promise.race([finished.promise, signal.aborted ? undefined : once(signal, 'abort')]);
      events.push('stopping');
      await new Promise((resolve) => setImmediate(resolve));
      events.push('ended');
    },
    ...options,
  });
  result.then(
    () => events.push('resolved'),
    (error: Error) => events.push(error.name),
  );
  onTestFinished(async () => {
    ending.abort();
    await result.catch(() => undefined);
  });
  return {
    events,
    stoppedAt: () => stoppedAt,
    stop: () => ending.abort(),
    finish: (error) => (error ? finished.reject(error) : finished.resolve()),
    result,
  };
}

/** Lets time pass until the condition holds. */
export async function passUntilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await passInSteps(50);
}
