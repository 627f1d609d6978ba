import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../kube/errors.ts';
import type { Client } from '../kube/client.ts';
import { mayAccess, ownerOfToken } from '../kube/subject-access.ts';
import type { Logger } from '../telemetry/log.ts';
import { RefusedError } from './refused-error.ts';

/** Somebody who is signed in. */
export type Session = {
  readonly id: string;
  readonly user: string;
  /** Ends with the session. */
  readonly ended: AbortSignal;
};

export type SessionsOptions = {
  readonly client: Pick<Client, 'create'>;
  readonly logger: Logger;
  /** Opens the page to whoever has it; undefined: tokens only. */
  readonly key?: string;
  readonly limits?: SessionLimits;
};

/** Times in milliseconds. */
export type SessionLimits = {
  /** How long one lasts. */
  readonly lifetime: number;
  /** After so long the API server is asked again whether the token holds, and the right to list. */
  readonly recheckAfter: number;
  /** How long an answer holds that it does not renew, because it cannot be reached. */
  readonly holdsFor: number;
  /** At once; the oldest ends for a new one. */
  readonly sessions: number;
  /** Questions to the API server at once, for those who are not signed in yet. */
  readonly reviews: number;
  /** How long a request waits for the API server to be asked again, before it goes by the last answer. */
  readonly patience: number;
};

export const SESSION_LIMITS: SessionLimits = {
  lifetime: 12 * 3_600_000,
  recheckAfter: 60_000,
  holdsFor: 10 * 60_000,
  sessions: 1_000,
  reviews: 10,
  patience: 2_000,
};

type Held = Session & {
  readonly end: AbortController;
  /** Absent for who came by the key. */
  readonly token?: string;
  readonly beganAt: number;
  /** When the API server last said yes, and when it was last asked. */
  checkedAt: number;
  askedAt: number;
  checking: Promise<void> | undefined;
};

/** Longer ones are no tokens: API servers take no headers of that size. */
const LONGEST_TOKEN = 16_384;

/**
 * Who may see the page: whoever has a token of Kubernetes, and the right to list DaemonSets in all namespaces; or
 * the key. Tokens stay in memory here, and never go back to the browser.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #limits: SessionLimits;
  readonly #held = new Map<string, Held>();
  /** Sessions of tokens that are being asked about. */
  readonly #beginning = new Map<string, Promise<Session>>();
  #reviews = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#limits = options.limits ?? SESSION_LIMITS;
  }

  /** @throws RefusedError 401, 403, 429 or 503 */
  async signInByToken(token: string): Promise<Session> {
    const user = await this.#review(token);
    return this.#begin(newId(), user, token);
  }

  /** @throws RefusedError 401 */
  signInByKey(key: string): Session {
    const { key: wanted } = this.#options;
    if (wanted === undefined || !timingSafeEqual(digest(key), digest(wanted))) {
      throw new RefusedError(
        401,
        'this link is not (or no longer) good; take the one that was printed at the last start',
      );
    }
    return this.#begin(newId(), 'signed in by link', undefined);
  }

  /**
   * The session of a request that brings its token along. Kept like others, so that not every request is a review.
   *
   * @throws RefusedError 401, 403, 429 or 503
   */
  async ofToken(token: string): Promise<Session> {
    const id = digest(token).toString('base64url');
    const found = await this.find(id);
    if (found) return found;
    // A second session of this name would hide the first one, and nothing could end that any more.
    const beginning = this.#beginning.get(id) ?? this.#beginOfToken(id, token);
    this.#beginning.set(id, beginning);
    return beginning;
  }

  async #beginOfToken(id: string, token: string): Promise<Session> {
    try {
      return this.#begin(id, await this.#review(token), token);
    } finally {
      this.#beginning.delete(id);
    }
  }

  /**
   * The session, if it goes on. Where the last answer of the API server is old, it is asked again.
   *
   * @throws RefusedError 503 when it does not answer for too long.
   */
  async find(id: string): Promise<Session | undefined> {
    const held = this.#held.get(id);
    if (!held) return undefined;
    if (Date.now() - held.beganAt >= this.#limits.lifetime) {
      this.end(held);
      return undefined;
    }
    await this.#keepChecked(held);
    return held.ended.aborted ? undefined : held;
  }

  /**
   * Asks the API server again, where the last answer is old. While it is silent nobody waits for it for long, and it is not
   * asked with every request; once the answer is too old to go by, everybody waits.
   */
  async #keepChecked(held: Held): Promise<void> {
    const { token, checkedAt, askedAt } = held;
    if (token === undefined) return;
    const { recheckAfter, holdsFor, patience } = this.#limits;
    const now = Date.now();
    const isTooOld = now - checkedAt >= holdsFor;
    const isDue = now - checkedAt >= recheckAfter && now - askedAt >= recheckAfter / 6;
    if (isDue || isTooOld) {
      held.askedAt = now;
      held.checking ??= this.#recheck(held, token).finally(() => {
        held.checking = undefined;
      });
    }
    const { checking } = held;
    if (checking) {
      await (isTooOld ? checking : Promise.race([checking, sleep(patience, undefined, { ref: false })]));
    }
    if (Date.now() - held.checkedAt >= holdsFor && !held.ended.aborted) {
      throw new RefusedError(503, 'the API server has not answered for too long; try again later');
    }
  }

  end({ id }: Pick<Session, 'id'>): void {
    this.#held.get(id)?.end.abort();
    this.#held.delete(id);
  }

  async #recheck(held: Held, token: string): Promise<void> {
    try {
      await this.#ask(token);
      held.checkedAt = Date.now();
    } catch (error) {
      if (error instanceof RefusedError && (error.status === 401 || error.status === 403)) this.end(held);
    }
  }

  #begin(id: string, user: string, token: string | undefined): Session {
    const now = Date.now();
    const end = new AbortController();
    const held: Held = {
      id,
      user,
      end,
      ended: end.signal,
      ...(token !== undefined && { token }),
      beganAt: now,
      checkedAt: now,
      askedAt: now,
      checking: undefined,
    };
    this.#held.set(id, held);
    const [oldest] = this.#held.values();
    if (this.#held.size > this.#limits.sessions && oldest) this.end(oldest);
    return held;
  }

  /** The name of whom the token is. */
  async #review(token: string): Promise<string> {
    if (token.length > LONGEST_TOKEN) throw new RefusedError(401, 'this is too long for a token');
    if (this.#reviews >= this.#limits.reviews) {
      throw new RefusedError(429, 'too many sign in at this moment; try again in a few seconds');
    }
    this.#reviews += 1;
    try {
      return await this.#ask(token);
    } finally {
      this.#reviews -= 1;
    }
  }

  async #ask(token: string): Promise<string> {
    const { client, logger } = this.#options;
    try {
      const subject = await ownerOfToken(client, token);
      if (subject === undefined) {
        throw new RefusedError(
          401,
          'the API server does not accept this token; a fresh one is made by: kubectl create token NAME -n NAMESPACE',
        );
      }
      const user = subject.username ?? '';
      if (await mayAccess(client, subject, { verb: 'list', group: 'apps', resource: 'daemonsets' }))
        return user;
      throw new RefusedError(
        403,
        `${user} may not list daemonsets in all namespaces; a ClusterRoleBinding to the ClusterRole "view" gives that right`,
      );
    } catch (error) {
      if (error instanceof RefusedError) throw error;
      logger.warn({ err: error }, 'the API server was asked about a token, and did not answer');
      const why =
        error instanceof ApiError && error.status === 403
          ? 'everynode may not create tokenreviews and subjectaccessreviews, so it cannot know who you are; its ClusterRole has to allow that'
          : 'the API server does not answer, so nobody can be signed in now; try again later';
      throw new RefusedError(503, why, { cause: error });
    }
  }
}

function newId(): string {
  return randomBytes(32).toString('base64url');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
