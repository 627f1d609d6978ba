import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { routeHealth } from '../telemetry/health.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Answers } from './answers.ts';
import type { EventStreams } from './event-streams.ts';
import type { PageFile } from './page-files.ts';
import { RefusedError } from './refused-error.ts';
import type { Session, Sessions } from './sessions.ts';
import { type FindingsAnswer, PATHS, type Refusal, type SessionAnswer } from './wire.ts';

export type AppOptions = {
  /** By path. */
  readonly files: ReadonlyMap<string, PageFile>;
  readonly sessions: Sessions;
  readonly streams: EventStreams;
  readonly answers: Answers;
  readonly findings: () => Promise<FindingsAnswer>;
  /** Of everynode, and of the API server. */
  readonly about: Pick<SessionAnswer, 'version' | 'cluster'>;
  /** Whether browsers come over HTTPS. */
  readonly isEncrypted: boolean;
  readonly waitsFor: () => string | undefined;
  readonly logger: Logger;
};

/**
 * The page needs nothing from anywhere else, and nobody may frame it. No Strict-Transport-Security: behind a forwarded
 * port it would be said of all of localhost.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
/** A token and a little around it. */
const LARGEST_BODY = '32kb';
const RECHECK_MS = 60_000;

/** Everything that the dashboard serves. Files are for everybody; what is in the cluster, for who is signed in. */
export function createApp(options: AppOptions): Express {
  const { files, sessions, streams, answers, findings, waitsFor } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use((_, response, next) => {
    response.set(HEADERS);
    next();
  });
  routeHealth(app, waitsFor);
  routeSession(app, options);
  app.get(PATHS.events, async (request, response) => {
    const session = await signedIn(request, options);
    // Who left meanwhile would never be forgotten.
    if (response.destroyed) return;
    if (request.method === 'HEAD') return void response.status(200).end();
    streams.begin(request, response, session.ended);
    // A stream lasts, and the right to see it may not.
    const recheck = setInterval(
      () => void sessions.find(session.id).catch(() => response.destroy()),
      RECHECK_MS,
    );
    response.once('close', () => clearInterval(recheck));
  });
  app.get(PATHS.explain, async (request, response) => {
    await signedIn(request, options);
    assertFilled(options);
    const daemonSet = parameter(request, 'daemonSet');
    const node = parameter(request, 'node');
    if (daemonSet === undefined && node === undefined) {
      throw new RefusedError(
        400,
        'name what is to be explained: ?daemonSet=NAMESPACE/NAME, &node=NODE or both',
      );
    }
    if (daemonSet === undefined)
      answer(response, await answers.ofNode(node ?? '', () => !response.destroyed));
    else
      answer(response, node === undefined ? answers.ofDaemonSet(daemonSet) : answers.ofCell(daemonSet, node));
  });
  app.get(PATHS.findings, async (request, response) => {
    await signedIn(request, options);
    assertFilled(options);
    answer(response, await findings());
  });
  // Not a route: it would take a path that cannot be decoded for a fault of ours.
  app.use((request, response, next) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const file = isRead && files.get(request.path === '/' ? '/index.html' : request.path);
    if (!file) return next();
    // Without the body, if the browser has it.
    response.set({ 'content-type': file.type, etag: file.etag, 'cache-control': 'no-cache' }).send(file.body);
  });
  app.use((_, response) =>
    refuse(response, new RefusedError(404, 'there is nothing here; the page is at /')),
  );
  app.use(failed(options.logger));
  return app;
}

function routeSession(app: Express, options: AppOptions): void {
  const { sessions, about } = options;
  const cookieOptions = {
    httpOnly: true,
    sameSite: 'strict',
    secure: options.isEncrypted,
    path: '/',
  } as const;
  app.get(PATHS.session, async (request, response) => {
    const { user } = await signedIn(request, options);
    answer(response, { user, ...about } satisfies SessionAnswer);
  });
  app.post(PATHS.session, express.json({ limit: LARGEST_BODY, strict: true }), async (request, response) => {
    const { token, key } = (request.body ?? {}) as { readonly token?: unknown; readonly key?: unknown };
    const session =
      typeof key === 'string' ? sessions.signInByKey(key) : await sessions.signInByToken(tokenIn(token));
    response.cookie(cookieName(request, options), session.id, cookieOptions);
    answer(response, { user: session.user, ...about } satisfies SessionAnswer);
  });
  app.delete(PATHS.session, (request, response) => {
    const id = cookie(request, cookieName(request, options));
    if (id !== undefined) sessions.end({ id });
    response.clearCookie(cookieName(request, options), cookieOptions).status(204).end();
  });
}

function tokenIn(token: unknown): string {
  if (typeof token === 'string' && token.trim() !== '') return token.trim();
  throw new RefusedError(400, 'send {"token": "…"} as application/json');
}

/** @throws RefusedError 401, 403, 429 or 503 */
async function signedIn(request: Request, options: AppOptions): Promise<Session> {
  const { sessions } = options;
  const [, bearer] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return sessions.ofToken(bearer);
  const id = cookie(request, cookieName(request, options));
  const session = id === undefined ? undefined : await sessions.find(id);
  if (session) return session;
  throw new RefusedError(401, 'sign in first, with a token of Kubernetes');
}

/** Before the cluster has been read, everything would seem not to be there. */
function assertFilled({ waitsFor }: Pick<AppOptions, 'waitsFor'>): void {
  const missing = waitsFor();
  if (missing !== undefined) {
    throw new RefusedError(503, `everynode waits for ${missing}; try again in a few seconds`);
  }
}

/**
 * Browsers hold a `__Host-` cookie for this host alone, and send it only encrypted. They send it to every port, so the name
 * tells two dashboards on one machine apart, by the port that the browser sees.
 */
function cookieName({ headers }: Request, { isEncrypted }: Pick<AppOptions, 'isEncrypted'>): string {
  const [, port = isEncrypted ? '443' : '80'] = /:(\d{1,5})$/.exec(headers.host ?? '') ?? [];
  return `${isEncrypted ? '__Host-' : ''}everynode-${port}`;
}

function cookie({ headers }: Request, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function parameter({ query }: Request, name: string): string | undefined {
  const value = query[name];
  if (Array.isArray(value)) throw new RefusedError(400, `give ${name} once`);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function answer(response: Response, body: object): void {
  response.set('cache-control', 'no-store').json(body);
}

function refuse(response: Response, { status, message }: Pick<RefusedError, 'status' | 'message'>): void {
  if (status === 401) response.set('www-authenticate', 'Bearer');
  if (status === 429 || status === 503) response.set('retry-after', '5');
  response.status(status);
  answer(response, { error: message } satisfies Refusal);
}

function failed(logger: Logger): ErrorRequestHandler {
  // Express knows by their number that it may be given four.
  return (error: unknown, _request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    if (error instanceof RefusedError) return refuse(response, error);
    // Of the body parser: too large, or no JSON.
    const { status, expose } = error as { readonly status?: number; readonly expose?: boolean };
    if (status !== undefined && expose === true) {
      return refuse(response, { status, message: 'send {"token": "…"} as application/json, and no more' });
    }
    logger.error({ err: error }, 'a request to the dashboard failed');
    refuse(response, { status: 500, message: 'this went wrong here; the log of everynode says what' });
  };
}
