import { SELF_SUBJECT_REVIEWS } from '../api/kinds.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Client } from './client.ts';

/** Told of from here on: by less, clocks differ every day. */
const NOTABLE_MS = 5 * 60_000;

/**
 * The time as the API server has it, so that replicas whose clocks differ come to the same decisions. It is asked
 * what it thinks of us, which everybody may, and stamps the answer.
 */
export class ServerClock {
  readonly #client: Pick<Client, 'create'>;
  readonly #logger: Logger;
  #aheadMs = 0;

  constructor(client: Pick<Client, 'create'>, logger: Logger) {
    this.#client = client;
    this.#logger = logger;
  }

  /** Milliseconds since the epoch; this machine's own until the server was asked. */
  readonly now = (): number => Date.now() + this.#aheadMs;

  /** Asks the API server; where it gives no time, what was known stays. */
  async measure(): Promise<void> {
    const before = Date.now();
    try {
      const review = await this.#client.create<{ metadata?: { creationTimestamp?: string | null } }>(
        SELF_SUBJECT_REVIEWS,
        '',
        { apiVersion: SELF_SUBJECT_REVIEWS.apiVersion, kind: SELF_SUBJECT_REVIEWS.kind },
      );
      const stamped = Date.parse(review.metadata?.creationTimestamp ?? '');
      if (Number.isFinite(stamped)) this.#set(stamped - (before + Date.now()) / 2);
    } catch (error) {
      this.#logger.debug({ err: error }, 'the API server does not tell its time; going by our own');
    }
  }

  #set(aheadMs: number): void {
    const isNews = Math.abs(aheadMs - this.#aheadMs) > NOTABLE_MS;
    this.#aheadMs = aheadMs;
    if (!isNews || Math.abs(aheadMs) <= NOTABLE_MS) return;
    const minutes = Math.round(Math.abs(aheadMs) / 60_000);
    this.#logger.warn(
      { minutes: Math.round(aheadMs / 60_000) },
      `the clock of this machine is ${minutes} min ${aheadMs > 0 ? 'behind' : 'ahead of'} the API server's; ` +
        'certificates go by the latter. Check the time service of the node',
    );
  }
}
