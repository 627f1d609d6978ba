import type { Dispatcher } from 'undici';
import type { Logger } from '../telemetry/log.ts';
import { Backoff } from './backoff.ts';
import { type Cluster, KubeconfigError } from './cluster.ts';
import { ApiError, type StatusCause, UnreachableError } from './errors.ts';
import { FairGate } from './fair-gate.ts';
import { parseJson } from './json.ts';
import { splitLines } from './lines.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export type Request = {
  readonly method: Method;
  readonly path: string;
  readonly query?: Query;
  /** A string goes out byte for byte, anything else as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Whom it takes turns with, see `FairGate`. Without one it goes out at once, whatever else waits. */
  readonly flow?: Flow;
};

/** Requests that take turns with those of other flows. The signal ends the wait, and never what is under way. */
export type Flow = { readonly key: string; readonly signal: AbortSignal };

export type StreamRequest = {
  readonly path: string;
  readonly query?: Query;
  readonly signal: AbortSignal;
  /** Silence after which the peer counts as dead. The API server sends a bookmark about every minute. */
  readonly idleTimeoutMs?: number;
  /** Told once the server has said that it will send lines. */
  readonly onOpen?: () => void;
};

/** Raw JSON to and from one API server, over kept connections. */
export type Transport = {
  /**
   * @throws ApiError for a refusal, UnreachableError when there is no answer, KubeconfigError when there are no
   * credentials, AbortError by the signal.
   */
  readonly request: (request: Request) => Promise<unknown>;
  /** The lines of a long answer as they come. Throws as `request` does, before or between lines. */
  readonly stream: (request: StreamRequest) => AsyncIterable<Buffer>;
  readonly close: () => Promise<void>;
};

export type TransportOptions = {
  readonly logger: Logger;
  /** Most requests of flows that are under way at once. */
  readonly maxInFlight?: number;
  /** Told of every answer. `code` is the HTTP status, or 0 without one. */
  readonly onRequest?: (sample: { method: Method; host: string; code: number; seconds: number }) => void;
};

const REQUEST_TIMEOUT_MS = 30_000;
const MAX_TRIES = 6;
/** Of requests that are not answered at all: each try takes its whole time. */
const MAX_SILENT_TRIES = 2;
const MAX_IN_FLIGHT = 64;
/** Connections that flows leave free, so that a Lease is renewed in time however many pods are being made. */
const SPARE_CONNECTIONS = 16;

/**
 * Opens connection pools to the API server: one for requests, one for streams, so that watches never hold up a
 * request. Retries what is safe: 429 for every verb, because the server refuses before it does anything, and
 * for GET also 5xx and lost connections.
 */
export function createTransport(cluster: Cluster, options: TransportOptions): Transport {
  const { maxInFlight = MAX_IN_FLIGHT } = options;
  const requests = cluster.connect(maxInFlight + SPARE_CONNECTIONS);
  const streams = cluster.connect(256);
  const gate = new FairGate(maxInFlight);
  const context: Context = { cluster, options, gate, host: new URL(cluster.server).host };
  return {
    request: (request) => requestWithRetries(context, requests, request),
    stream: (request) => streamLines(context, streams, request),
    close: async () => {
      await Promise.all([requests.destroy(), streams.destroy()]);
    },
  };
}

type Context = {
  readonly cluster: Cluster;
  readonly options: TransportOptions;
  readonly gate: FairGate;
  readonly host: string;
};

async function requestWithRetries(context: Context, pool: Dispatcher, request: Request): Promise<unknown> {
  const backoff = new Backoff(100, 5_000);
  let refreshed = false;
  for (let tries = 1; ; tries += 1) {
    try {
      return await requestInTurn(context, pool, request);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (tries >= triesFor(error) || !isRetriable(error, request.method)) throw error;
      if (error instanceof ApiError && error.status === 401) {
        if (refreshed) throw error;
        refreshed = true;
        context.cluster.refresh();
        continue;
      }
      await backoff.wait(request.signal, error instanceof ApiError ? error.retryAfterSeconds : 0);
    }
  }
}

function triesFor(error: unknown): number {
  return error instanceof UnreachableError && error.timedOut ? MAX_SILENT_TRIES : MAX_TRIES;
}

function isRetriable(error: unknown, method: Method): boolean {
  if (error instanceof UnreachableError) return method === 'GET';
  if (!(error instanceof ApiError)) return false;
  return error.status === 429 || error.status === 401 || (error.status >= 500 && method === 'GET');
}

async function requestInTurn(context: Context, pool: Dispatcher, request: Request): Promise<unknown> {
  const { gate } = context;
  const { flow } = request;
  if (flow === undefined) return requestOnce(context, pool, request);
  await gate.enter(flow.key, flow.signal);
  const started = performance.now();
  let refusal: ApiError | undefined;
  try {
    return await requestOnce(context, pool, request);
  } catch (error) {
    if (error instanceof ApiError && error.status === 429) refusal = error;
    throw error;
  } finally {
    gate.leave({
      seconds: (performance.now() - started) / 1000,
      refused: refusal !== undefined,
      retryAfterSeconds: refusal?.retryAfterSeconds,
    });
  }
}

async function requestOnce(context: Context, pool: Dispatcher, request: Request): Promise<unknown> {
  const { method, body } = request;
  const started = performance.now();
  let code = 0;
  try {
    const response = await pool.request({
      ...(await target(context, request)),
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...timeLimit(request),
    });
    code = response.statusCode;
    const text = await response.body.text();
    return decode(response.statusCode, response.headers, text);
  } catch (error) {
    throw asFailure(error, context, request.signal);
  } finally {
    const seconds = (performance.now() - started) / 1000;
    context.options.onRequest?.({ method, host: context.host, code, seconds });
    if (method !== 'GET') context.options.logger.debug({ method, path: request.path, code }, 'API write');
  }
}

/** The pool's own timers cost next to nothing; a signal is made only for those who ask for another time. */
function timeLimit({ timeoutMs, signal }: Request): Partial<Dispatcher.RequestOptions> {
  if (timeoutMs === undefined) {
    return {
      headersTimeout: REQUEST_TIMEOUT_MS,
      bodyTimeout: REQUEST_TIMEOUT_MS,
      ...(signal && { signal }),
    };
  }
  const timeout = AbortSignal.timeout(timeoutMs);
  return { signal: signal ? AbortSignal.any([signal, timeout]) : timeout };
}

async function* streamLines(
  context: Context,
  pool: Dispatcher,
  request: StreamRequest,
): AsyncGenerator<Buffer> {
  const { signal, idleTimeoutMs = 150_000 } = request;
  try {
    const response = await pool.request({
      ...(await target(context, request)),
      method: 'GET',
      signal,
      headersTimeout: REQUEST_TIMEOUT_MS,
      bodyTimeout: idleTimeoutMs,
    });
    if (response.statusCode !== 200) {
      if (response.statusCode === 401) context.cluster.refresh();
      decode(response.statusCode, response.headers, await response.body.text());
    }
    request.onOpen?.();
    yield* splitLines(response.body);
  } catch (error) {
    throw asFailure(error, context, signal);
  }
}

async function target(
  { cluster }: Context,
  { path, query = {}, ...request }: { path: string; query?: Query; contentType?: string; body?: unknown },
): Promise<{ origin: string; path: string; headers: Record<string, string> }> {
  const url = new URL(cluster.server + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    headers: {
      accept: 'application/json',
      'user-agent': 'everynode',
      ...(request.body !== undefined && { 'content-type': request.contentType ?? 'application/json' }),
      ...(await cluster.headers()),
    },
  };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function decode(status: number, headers: Headers, text: string): unknown {
  const type = String(headers['content-type'] ?? '');
  const isJson = type.includes('json');
  if (status < 300 && isJson) return parseJson(text);
  if (status < 300 && !text.startsWith('<')) return text;
  const body = isJson ? asStatus(text) : {};
  const retryAfter = Number(headers['retry-after'] ?? body.details?.retryAfterSeconds);
  const summary = text.replace(/\s+/g, ' ').trim().slice(0, 200);
  throw new ApiError({
    status,
    ...(body.reason !== undefined && { reason: body.reason }),
    message: body.message ?? `the server answered ${status} without a Status: ${summary || 'nothing'}`,
    causes: body.details?.causes ?? [],
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
}

type Status = {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly StatusCause[]; readonly retryAfterSeconds?: number };
};

function asStatus(text: string): Status {
  try {
    return (JSON.parse(text) ?? {}) as Status;
  } catch {
    return {};
  }
}

/** Names of errors: of a signal, and of the pool's own timers. */
const TIMEOUTS = new Set(['TimeoutError', 'HeadersTimeoutError', 'BodyTimeoutError']);

function asFailure(error: unknown, { cluster }: Context, signal: AbortSignal | undefined): unknown {
  if (error instanceof ApiError || error instanceof KubeconfigError || signal?.aborted) return error;
  const { name = '', code, message } = error as { name?: string; code?: string; message?: string };
  const timedOut = TIMEOUTS.has(name);
  const why = timedOut ? 'no answer in time' : (message ?? code ?? String(error));
  const through = cluster.proxy === undefined ? '' : ` through the proxy ${cluster.proxy}`;
  return new UnreachableError(
    `the API server ${cluster.server} cannot be reached${through}: ${why}; check that it runs and that the kubeconfig names the right server`,
    { cause: error, timedOut },
  );
}
