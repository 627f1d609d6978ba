import type { Finding } from '../core/audit/finding.ts';
import type { Explained, ExplainedNode } from '../core/explain/explained.ts';

/** Where the page asks, below its own address. */
export const PATHS = {
  session: '/api/session',
  events: '/api/events',
  explain: '/api/explain',
  findings: '/api/findings',
} as const;

/** Server-sent events of `PATHS.events`; the data of each is one line of JSON. */
export const EVENTS = {
  /** A whole `Board`: the first one, and whenever a change would say no less. */
  board: 'board',
  /** A `BoardChange` to the board that was sent last. */
  change: 'change',
  /** No data: the session has ended, and no more will come. */
  signedOut: 'signed-out',
  /** No data: nothing is new, and the server is still there. Every `BEAT_MS`. */
  beat: 'beat',
} as const;

/** A stream says something at least this often, in milliseconds: proxies keep it, and a page knows that it is heard. */
export const BEAT_MS = 15_000;

/**
 * How one signs in: `POST` a token of Kubernetes, or the key of the link that was printed at the start. Answers
 * with a SessionAnswer and the cookie, or 400, 401, 403 (not allowed to list DaemonSets), 429, 503 (the API server does not
 * answer) with a Refusal. `DELETE` signs out (204).
 */
export type SignIn = { readonly token: string } | { readonly key: string };

/** Who is signed in; also of `GET`. */
export type SessionAnswer = {
  readonly user: string;
  /** Version of everynode. */
  readonly version: string;
  /** How the server calls the cluster. */
  readonly cluster: string;
};

/** The body of every answer over 399. */
export type Refusal = {
  /** A sentence: what is wrong, and what to do. */
  readonly error: string;
};

/** `GET /api/explain?daemonSet=NAMESPACE/NAME&node=NODE`. 404 where either is gone, 422 for a DaemonSet that means nothing. */
export type CellAnswer = ExplainedNode & { readonly daemonSet: string };

/** `GET /api/explain?daemonSet=NAMESPACE/NAME`: nodes of which the same can be said, together. */
export type DaemonSetAnswer = Omit<Explained, 'nodes'>;

/** `GET /api/explain?node=NODE`: every DaemonSet on one node. */
export type NodeAnswer = { readonly node: string; readonly daemonSets: readonly CellAnswer[] };

/** `GET /api/findings`: what audit finds, worst first. */
export type FindingsAnswer = {
  readonly findings: readonly Finding[];
  /** Accepted by an annotation. */
  readonly suppressed: readonly Finding[];
  /** DaemonSets that have not been judged yet. */
  readonly pending: number;
};
