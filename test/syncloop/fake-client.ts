import type { ResourceKind } from '../../src/api/kinds.ts';
import type { Client } from '../../src/kube/client.ts';
import { ApiError, type StatusCause } from '../../src/kube/errors.ts';
import { keyOf } from '../../src/cache/triggers.ts';
import { WatchFeed } from './watch-feed.ts';

export type Call = {
  /** Verb and kind: `create Pod`, `patch DaemonSet/status`. */
  readonly what: string;
  /** `namespace/name`; the namespace alone for what has no name yet. */
  readonly key: string;
  readonly body?: unknown;
  readonly options?: unknown;
};

/** What the API server says to a call: an object, an error, or either of them made for the call. */
export type Answer = object | ((call: Call) => unknown);

/** An API server made of prepared answers. A call that nobody prepared fails. */
export class FakeClient implements Client {
  readonly calls: Call[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #feeds = new Map<string, WatchFeed>();

  /** Prepares the answer to calls such as `get Pod`, or to one object only: `get Pod default/p1`. */
  answer(what: string, answer: Answer): this {
    this.#answers.set(what, answer);
    return this;
  }

  /** The calls of this kind so far. */
  callsOf(what: string): readonly Call[] {
    return this.calls.filter((call) => call.what === what);
  }

  /** `what key` of every call so far. */
  get summary(): readonly string[] {
    return this.calls.map(({ what, key }) => `${what} ${key}`);
  }

  /** What the watches of this kind bring. */
  feed({ plural }: ResourceKind): WatchFeed {
    const feed = this.#feeds.get(plural) ?? new WatchFeed();
    this.#feeds.set(plural, feed);
    return feed;
  }

  readonly get: Client['get'] = ({ kind }, key) => this.#call({ what: `get ${kind}`, key: keyOf(key) });

  readonly list: Client['list'] = ({ kind }, options = {}) =>
    this.#call({ what: `list ${kind}`, key: options.namespace ?? '', options });

  readonly create: Client['create'] = ({ kind }, namespace, body, options) =>
    this.#call({ what: `create ${kind}`, key: namespace, body, options });

  readonly update: Client['update'] = ({ kind }, key, body) =>
    this.#call({ what: `update ${kind}`, key: keyOf(key), body });

  readonly patch: Client['patch'] = ({ kind }, key, body, options) => {
    const target = options.subresource ? `${kind}/${options.subresource}` : kind;
    return this.#call({ what: `patch ${target}`, key: keyOf(key), body, options });
  };

  readonly delete: Client['delete'] = ({ kind }, key, options = {}) =>
    this.#call({ what: `delete ${kind}`, key: keyOf(key), options });

  readonly watch: Client['watch'] = (kind, { signal }) => this.feed(kind).read(signal);

  async #call(call: Call): Promise<never> {
    this.calls.push(call);
    const answer = this.#answers.get(`${call.what} ${call.key}`) ?? this.#answers.get(call.what);
    if (answer === undefined) throw new Error(`nobody prepared for: ${call.what} ${call.key}`);
    const said: unknown = typeof answer === 'function' ? await answer(call) : answer;
    if (said instanceof Error) throw said;
    return said as never;
  }
}

/** Says one thing after the other, and the last one from then on. */
export function inTurn(...answers: readonly Answer[]): (call: Call) => unknown {
  let next = 0;
  return (call) => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    return typeof answer === 'function' ? answer(call) : answer;
  };
}

/** A refusal as the API server words it, such as `refusal(404, 'NotFound')`. */
export function refusal(status: number, reason: string, causes: readonly StatusCause[] = []): ApiError {
  return new ApiError({ status, reason, message: `the server said ${reason}`, causes });
}
