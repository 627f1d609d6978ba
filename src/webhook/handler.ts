import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AdmissionRequest } from '../api/admission.ts';
import { decide as decideAdmission, type Phase } from '../core/admission/decide.ts';
import type { Verdict } from '../core/admission/verdict.ts';
import type { AdmissionMetrics, AdmissionOutcome } from '../telemetry/admission-metrics.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Readiness } from './app.ts';
import { BadReviewError, decodeReview, encodeVerdict } from './admission-review.ts';
import { type RequestLabels, requestLabels, UNKNOWN_REQUEST } from './labels.ts';
import { type Load, OverloadedError } from './load.ts';
import { readBody } from './read-body.ts';

export type HandlerOptions = {
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  readonly metrics?: AdmissionMetrics;
  /** Who decides: by default the core, with every rule at its own level. */
  readonly decide?: (phase: Phase, request: AdmissionRequest) => Verdict;
};

export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly load: Load;
  readonly readiness: Readiness;
};

/** What the answer to a request is, and what is counted of it. */
type Answer = { readonly body: string; readonly labels: RequestLabels; readonly verdict: AdmissionOutcome };

/** Answers one admission request. Never throws, and always answers if the connection stands. */
export async function handleAdmission(
  phase: Phase,
  exchange: Exchange,
  options: HandlerOptions,
): Promise<void> {
  const { request, load } = exchange;
  const started = performance.now();
  const count = ({ labels, verdict }: Omit<Answer, 'body'>): void =>
    options.metrics?.answered({ phase, ...labels, verdict, seconds: (performance.now() - started) / 1000 });
  try {
    load.assertRoom();
    assertReviewIsPosted(request);
    const body = await readBody(request, options.maxBodyBytes, load);
    const answer = answerReview(phase, body, options);
    send(exchange, 200, answer.body);
    count(answer);
  } catch (error) {
    refuse(exchange, error, options.logger);
    count({
      labels: error instanceof UndecidedError ? error.labels : UNKNOWN_REQUEST,
      verdict: refusalOf(error),
    });
  }
}

function answerReview(
  phase: Phase,
  body: string,
  { logger, metrics, decide = decideAdmission }: HandlerOptions,
): Answer {
  const request = decodeReview(body);
  const labels = requestLabels(request);
  try {
    const verdict = decide(phase, request);
    const outcome = outcomeOf(verdict);
    for (const { rule, level } of verdict.violations) metrics?.violated({ rule, level, phase });
    logVerdict(logger, phase, request, verdict);
    return { body: encodeVerdict(request, verdict), labels, verdict: outcome };
  } catch (error) {
    logger.error({ ...subject(phase, request), err: error }, 'could not decide about an admission request');
    throw new UndecidedError(labels);
  }
}

function logVerdict(logger: Logger, phase: Phase, request: AdmissionRequest, verdict: Verdict): void {
  const rules = verdict.violations.map(({ rule }) => rule);
  if (!verdict.allowed) logger.info({ ...subject(phase, request), rules }, 'denied');
  else if (rules.length > 0) logger.info({ ...subject(phase, request), rules }, 'warned');
  else logger.debug({ ...subject(phase, request), operations: verdict.patch.length }, 'allowed');
}

function outcomeOf(verdict: Verdict): AdmissionOutcome {
  if (!verdict.allowed) return 'denied';
  if (verdict.violations.length > 0) return 'warned';
  return verdict.patch.length > 0 ? 'patched' : 'allowed';
}

function refusalOf(error: unknown): AdmissionOutcome {
  if (error instanceof OverloadedError) return 'overloaded';
  return error instanceof BadReviewError ? 'malformed' : 'failed';
}

function subject(phase: Phase, { uid, kind, operation, namespace, name, dryRun }: AdmissionRequest): object {
  return { phase, uid, kind: kind.kind, operation, namespace, name, dryRun };
}

/** A fault of ours is no denial: with HTTP 500 the failurePolicy decides, as it does while nobody answers. */
class UndecidedError extends Error {
  override readonly name = 'UndecidedError';
  readonly labels: RequestLabels;

  constructor(labels: RequestLabels) {
    super('could not decide');
    this.labels = labels;
  }
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;

function assertReviewIsPosted({ method, headers }: IncomingMessage): void {
  if (method !== 'POST')
    throw new BadReviewError(405, `${method} is not served here; POST an AdmissionReview`);
  const type = headers['content-type'] ?? '';
  if (!JSON_TYPE.test(type)) {
    throw new BadReviewError(415, `Content-Type is ${JSON.stringify(type)}; send "application/json"`);
  }
}

function refuse(exchange: Exchange, error: unknown, logger: Logger): void {
  const { request, response } = exchange;
  const overloaded = error instanceof OverloadedError;
  const known = overloaded || error instanceof BadReviewError;
  // Under a flood, a line for each would be one more load; the metrics count them.
  if (overloaded) logger.debug({ reason: error.message }, 'turned a request away');
  else if (known) logger.warn({ status: error.status, reason: error.message }, 'refused a request');
  else if (!(error instanceof UndecidedError)) logger.error({ err: error }, 'admission request failed');
  if (response.headersSent || response.destroyed) return;
  // The API server comes again, within its own timeout, when it is told when.
  if (overloaded) response.setHeader('retry-after', '1');
  // What is left of a body is still read and thrown away, so that its sender sees the answer.
  else if (!request.complete) response.setHeader('connection', 'close');
  if (known && error.status === 405) response.setHeader('allow', 'POST');
  const message = known ? error.message : 'everynode failed to answer; its log has the error';
  send(exchange, known ? error.status : 500, JSON.stringify({ error: message }));
}

function send({ response, readiness }: Exchange, status: number, body: string): void {
  // Also where the request came before the end did.
  if (readiness.draining) response.setHeader('connection', 'close');
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
