import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ResourceKind } from '../api/kinds.ts';
import type { Logger } from '../telemetry/log.ts';
import { Backoff } from './backoff.ts';
import type { Client } from './client.ts';
import { ApiError, isGone } from './errors.ts';
import { parseJson } from './json.ts';

/** Where a reflector puts what it sees. `raw` is an object as the server sent it. */
export type ReflectorSink = {
  /** All objects there are, at this resourceVersion. */
  readonly replace: (raw: readonly unknown[], resourceVersion: string) => void;
  readonly upsert: (raw: unknown, resourceVersion: string) => void;
  readonly remove: (raw: unknown, resourceVersion: string) => void;
  /** Nothing has changed up to this resourceVersion. */
  readonly progress: (resourceVersion: string) => void;
  /**
   * Turns an object of the first list into what is kept of it, so that a long list is never held whole;
   * undefined for one of which nothing is kept.
   */
  readonly project: (raw: unknown) => unknown;
};

export type ReflectorOptions = {
  readonly client: Client;
  readonly kind: ResourceKind;
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** Such as `metadata.name=one`: with it, the right to one object is enough. */
  readonly fieldSelector?: string;
  readonly logger: Logger;
  readonly idleTimeoutMs?: number;
  /** Told of every watch that the server has granted. */
  readonly onWatchOpened?: () => void;
  /** Told of every watch that ended, and of every try to open one that failed, for whatever reason. */
  readonly onWatchEnded?: () => void;
};

const PAGE_SIZE = 500;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type WatchEvent = {
  readonly type: string;
  readonly object: {
    readonly metadata?: {
      readonly uid?: string;
      readonly resourceVersion?: string;
      readonly annotations?: Record<string, string>;
    };
    readonly code?: number;
    readonly reason?: string;
    readonly message?: string;
  };
};

/**
 * Keeps a sink up to date with one kind, until its signal ends it. Lists by a streaming watch where the server
 * can (WatchList, KEP-3157) and in pages where it cannot; then watches with bookmarks. Both lists are consistent
 * reads. Every failure leads back to watching: from the last resourceVersion, or from a new list after 410.
 *
 * Source: client-go `Reflector`.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #sink: ReflectorSink;
  readonly #backoff = new Backoff(800, 30_000);
  #watchList = true;
  /** Where to go on; undefined when a new list is needed. */
  #resourceVersion: string | undefined;
  #relists = 0;

  constructor(options: ReflectorOptions, sink: ReflectorSink) {
    this.#options = options;
    this.#sink = sink;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const progressed = await this.#session(signal);
        this.#options.onWatchEnded?.();
        if (!progressed) await this.#backoff.wait(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onWatchEnded?.();
        await this.#recover(error, signal).catch(() => undefined);
      }
    }
  }

  /** One list or watch to its end. False when it brought nothing at all. */
  async #session(signal: AbortSignal): Promise<boolean> {
    if (this.#resourceVersion === undefined && !this.#watchList) await this.#listPages(signal);
    const before = this.#resourceVersion;
    await this.#watch(signal);
    return this.#resourceVersion !== before;
  }

  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    const { kind, logger } = this.#options;
    const listing = this.#resourceVersion === undefined;
    if (
      listing &&
      this.#watchList &&
      error instanceof ApiError &&
      (error.status === 422 || error.status === 400)
    ) {
      logger.info({ kind: kind.kind }, 'the server does not stream lists; listing in pages');
      this.#watchList = false;
      return;
    }
    if (isGone(error)) {
      this.#resourceVersion = undefined;
      this.#relists += 1;
      // The first time is the ordinary end of a long silence.
      if (this.#relists === 1) return;
    }
    logger.warn({ kind: kind.kind, err: error }, 'watch interrupted, trying again');
    await this.#backoff.wait(signal, error instanceof ApiError ? error.retryAfterSeconds : 0);
  }

  async #listPages(signal: AbortSignal): Promise<void> {
    const { client, kind, namespace, labelSelector, fieldSelector } = this.#options;
    const objects: unknown[] = [];
    let next: string | undefined;
    for (;;) {
      const page = await client.list<unknown>(
        kind,
        {
          ...(namespace !== undefined && { namespace }),
          ...(labelSelector !== undefined && { labelSelector }),
          ...(fieldSelector !== undefined && { fieldSelector }),
          limit: PAGE_SIZE,
          ...(next && { continue: next }),
        },
        signal,
      );
      for (const raw of page.items) {
        const kept = this.#sink.project(raw);
        if (kept !== undefined) objects.push(kept);
      }
      next = page.metadata.continue;
      if (!next) return this.#replaced(objects, page.metadata.resourceVersion);
      await nextTurn();
    }
  }

  #replaced(objects: readonly unknown[], resourceVersion: string): void {
    this.#sink.replace(objects, resourceVersion);
    this.#resourceVersion = resourceVersion;
    // A list after 410 proves nothing yet: it may be too old to be watched from as well.
    if (this.#relists === 0) this.#backoff.reset();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, kind, namespace, labelSelector, fieldSelector, idleTimeoutMs, onWatchOpened } =
      this.#options;
    const from = this.#resourceVersion;
    const initial = from === undefined ? new Map<string, unknown>() : undefined;
    const events = client.watch(kind, {
      signal,
      ...(namespace !== undefined && { namespace }),
      ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
      ...(onWatchOpened && { onOpen: onWatchOpened }),
      query: {
        watch: true,
        allowWatchBookmarks: true,
        // Spread out, so that watches do not all end at the same moment.
        timeoutSeconds: 300 + Math.floor(Math.random() * 300),
        labelSelector,
        fieldSelector,
        ...(initial
          ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
          : { resourceVersion: from }),
      },
    });
    let list = initial;
    for await (const line of events) {
      const event = this.#parse(line);
      if (!event) continue;
      if (event.type === 'ERROR') throw watchError(event);
      if (!list) this.#take(event);
      else if (this.#collect(event, list)) list = undefined;
    }
  }

  /** Adds an initial event to the list; true when the list is complete, and has been handed over. */
  #collect({ type, object }: WatchEvent, list: Map<string, unknown>): boolean {
    const { annotations, uid = '', resourceVersion = '' } = object.metadata ?? {};
    if (type === 'BOOKMARK') {
      if (annotations?.[INITIAL_EVENTS_END] !== 'true') return false;
      this.#replaced([...list.values()], resourceVersion);
      return true;
    }
    const kept = type === 'DELETED' ? undefined : this.#sink.project(object);
    if (kept === undefined) list.delete(uid);
    else list.set(uid, kept);
    return false;
  }

  #take({ type, object }: WatchEvent): void {
    const resourceVersion = object.metadata?.resourceVersion ?? '';
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#sink.upsert(object, resourceVersion);
        break;
      case 'DELETED':
        this.#sink.remove(object, resourceVersion);
        break;
      case 'BOOKMARK':
        this.#sink.progress(resourceVersion);
        break;
      default:
        this.#options.logger.warn(
          { kind: this.#options.kind.kind, type },
          'unknown watch event, passed over',
        );
        return;
    }
    this.#advanceTo(resourceVersion);
  }

  #advanceTo(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#relists = 0;
    this.#backoff.reset();
  }

  #parse(line: Buffer): WatchEvent | undefined {
    try {
      const event = parseJson(line.toString('utf8')) as WatchEvent;
      if (typeof event?.type === 'string' && typeof event.object === 'object' && event.object !== null)
        return event;
    } catch {
      // Told below: a cut-off line is the end of a broken connection, and the next watch repeats it.
    }
    this.#options.logger.warn(
      { kind: this.#options.kind.kind, bytes: line.length },
      'watch event that is no JSON event',
    );
    return undefined;
  }
}

function watchError({ object }: WatchEvent): ApiError {
  return new ApiError({
    status: object.code ?? 500,
    reason: object.reason ?? '',
    message: object.message ?? 'the watch ended with an error',
  });
}
