import { setTimeout as sleep } from 'node:timers/promises';
import { EVENTS } from '../api/kinds.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Client } from './client.ts';
import { isNotFound } from './errors.ts';

/** The object that an Event is about. */
export type ObjectReference = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion?: string;
};

export type Occurrence = {
  readonly regarding: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase code. */
  readonly reason: string;
  /** Sentence; cut at 1 KiB. */
  readonly note: string;
  /** What was being done, CamelCase. */
  readonly action: string;
};

/** Writes Events beside the work: never waited for, never failing it. */
export type EventRecorder = {
  readonly record: (occurrence: Occurrence) => void;
  /** Waits until what was recorded is written, but no longer than this. */
  readonly flush: (timeoutMs: number) => Promise<void>;
};

export type EventRecorderOptions = {
  readonly client: Client;
  readonly logger: Logger;
  /** Domain-prefixed name of the controller. */
  readonly reportingController: string;
  readonly reportingInstance: string;
};

/** Source: client-go `tools/events` and `tools/record` (spam filter). Milliseconds. */
const SERIES_WINDOW_MS = 6 * 60_000;
const SERIES_REFRESH_MS = 30_000;
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;
const MAX_IN_FLIGHT = 8;
const MAX_WAITING = 1_000;
const MAX_NOTE_BYTES = 1_024;

type Series = {
  readonly key: string;
  readonly occurrence: Occurrence;
  name: Promise<string | undefined>;
  count: number;
  lastAt: number;
  timer: NodeJS.Timeout | undefined;
};
type Bucket = { tokens: number; refilledAt: number };

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options);
}

/**
 * The same occurrence seen again within six minutes raises the count of the Event that is there, at most every
 * 30 s. An object that causes very many gets 25 at once, and then one every five minutes.
 */
class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #inFlight = new Set<Promise<void>>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  readonly record = (occurrence: Occurrence): void => {
    const now = Date.now();
    this.#forgetOld(now);
    const { regarding, type, reason, note } = occurrence;
    const key = JSON.stringify([regarding.uid, type, reason, note]);
    const series = this.#series.get(key);
    if (series && now - series.lastAt < SERIES_WINDOW_MS) {
      series.count += 1;
      series.lastAt = now;
      series.timer ??= setTimeout(() => this.#refresh(series), SERIES_REFRESH_MS).unref();
    } else if (this.#mayRecord(regarding.uid, now)) {
      this.#begin(key, occurrence, now);
    }
  };

  readonly flush = async (timeoutMs: number): Promise<void> => {
    const deadline = performance.now() + timeoutMs;
    const timeout = sleep(timeoutMs, undefined, { ref: false });
    for (const series of this.#series.values()) {
      if (series.timer) this.#refresh(series);
    }
    while (this.#inFlight.size > 0 && performance.now() < deadline) {
      await Promise.race([...this.#inFlight, timeout]);
    }
  };

  #begin(key: string, occurrence: Occurrence, now: number): void {
    const written = Promise.withResolvers<string | undefined>();
    const series: Series = {
      key,
      occurrence,
      name: written.promise,
      count: 1,
      lastAt: now,
      timer: undefined,
    };
    const isTaken = this.#enqueue(async () => {
      const name = await this.#create(occurrence);
      if (name === undefined) this.#forget(series);
      written.resolve(name);
    });
    if (isTaken) this.#series.set(key, series);
  }

  /** Lets the next occurrence write an Event of its own, because there is none to count on. */
  #forget(series: Series): void {
    clearTimeout(series.timer);
    if (this.#series.get(series.key) === series) this.#series.delete(series.key);
  }

  #refresh(series: Series): void {
    clearTimeout(series.timer);
    series.timer = undefined;
    this.#enqueue(async () => {
      const name = await series.name;
      if (name === undefined) return;
      const patch = { series: { count: series.count, lastObservedTime: microTime(series.lastAt) } };
      const { namespace } = series.occurrence.regarding;
      try {
        await this.#options.client.patch(EVENTS, { namespace, name }, patch, { type: 'merge' });
      } catch (error) {
        if (isNotFound(error)) this.#forget(series);
        throw error;
      }
    });
  }

  /** The name of the Event, or undefined when it could not be written. */
  async #create({ regarding, type, reason, note, action }: Occurrence): Promise<string | undefined> {
    const { client, reportingController, reportingInstance, logger } = this.#options;
    const now = Date.now();
    const name = `${stem(regarding.name)}.${now.toString(16)}${Math.floor(Math.random() * 2 ** 32).toString(16)}`;
    try {
      await client.create(EVENTS, regarding.namespace, {
        apiVersion: EVENTS.apiVersion,
        kind: EVENTS.kind,
        metadata: { name, namespace: regarding.namespace },
        eventTime: microTime(now),
        reportingController,
        reportingInstance: reportingInstance.slice(0, 128),
        regarding,
        type,
        reason,
        note: cut(note),
        action,
      });
      return name;
    } catch (error) {
      logger.debug({ reason, err: error }, 'could not write an Event');
      return undefined;
    }
  }

  #mayRecord(uid: string, now: number): boolean {
    const bucket = this.#buckets.get(uid) ?? { tokens: SPAM_BURST, refilledAt: now };
    bucket.tokens = Math.min(SPAM_BURST, bucket.tokens + (now - bucket.refilledAt) / SPAM_REFILL_MS);
    bucket.refilledAt = now;
    this.#buckets.set(uid, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #forgetOld(now: number): void {
    if (this.#series.size < 512 && this.#buckets.size < 512) return;
    for (const [key, { lastAt, timer }] of this.#series) {
      if (now - lastAt > SERIES_WINDOW_MS && !timer) this.#series.delete(key);
    }
    for (const [uid, { tokens, refilledAt }] of this.#buckets) {
      if (tokens + (now - refilledAt) / SPAM_REFILL_MS >= SPAM_BURST) this.#buckets.delete(uid);
    }
  }

  /** False when too many wait already. */
  #enqueue(task: () => Promise<void>): boolean {
    if (this.#waiting.length >= MAX_WAITING) return false;
    this.#waiting.push(task);
    this.#pump();
    return true;
  }

  #pump(): void {
    while (this.#inFlight.size < MAX_IN_FLIGHT) {
      const task = this.#waiting.shift();
      if (!task) return;
      const running: Promise<void> = task()
        .catch((error: unknown) => {
          if (!isNotFound(error)) this.#options.logger.debug({ err: error }, 'could not write an Event');
        })
        .finally(() => {
          this.#inFlight.delete(running);
          this.#pump();
        });
      this.#inFlight.add(running);
    }
  }
}

/** The beginning of an object's name, fit to begin another name. */
function stem(name: string): string {
  return name.slice(0, 200).replace(/[^a-z0-9]+$/, '');
}

/** The limit of the API server is in bytes; no character is cut in two. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= MAX_NOTE_BYTES) return note;
  let end = MAX_NOTE_BYTES - 3;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}...`;
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
