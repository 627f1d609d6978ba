import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AdmissionRequest } from '../api/admission.ts';
import { decide as decideAdmission, type Phase } from '../core/admission/decide.ts';
import type { Verdict } from '../core/admission/verdict.ts';
import type { Logger } from '../telemetry/log.ts';
import { BadReviewError, decodeReview, encodeVerdict } from './admission-review.ts';
import { readBody } from './read-body.ts';

export type HandlerOptions = {
  readonly logger: Logger;
  readonly maxBodyBytes: number;
  /** Who decides: by default the core, with every rule at its own level. */
  readonly decide?: (phase: Phase, request: AdmissionRequest) => Verdict;
};

/** Answers one admission request. Never throws, and always answers if the connection stands. */
export async function handleAdmission(
  phase: Phase,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  options: HandlerOptions,
): Promise<void> {
  try {
    assertReviewIsPosted(request);
    const body = await readBody(request, options.maxBodyBytes);
    send(response, 200, answer(phase, body, options));
  } catch (error) {
    refuse({ request, response }, error, options.logger);
  }
}

function answer(phase: Phase, body: string, { logger, decide = decideAdmission }: HandlerOptions): string {
  const request = decodeReview(body);
  const { uid, kind, operation, namespace, name, dryRun } = request;
  const subject = { phase, uid, kind: kind.kind, operation, namespace, name, dryRun };
  try {
    const verdict = decide(phase, request);
    const rules = verdict.violations.map(({ rule }) => rule);
    if (!verdict.allowed) logger.info({ ...subject, rules }, 'denied');
    else if (rules.length > 0) logger.info({ ...subject, rules }, 'warned');
    else logger.debug({ ...subject, operations: verdict.patch.length }, 'allowed');
    return encodeVerdict(request, verdict);
  } catch (error) {
    logger.error({ ...subject, err: error }, 'could not decide about an admission request');
    throw new UndecidedError();
  }
}

/** A fault of ours is no denial: with HTTP 500 the failurePolicy decides, as it does while nobody answers. */
class UndecidedError extends Error {
  override readonly name = 'UndecidedError';
}

function assertReviewIsPosted({ method, headers }: IncomingMessage): void {
  if (method !== 'POST')
    throw new BadReviewError(405, `${method} is not served here; POST an AdmissionReview`);
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new BadReviewError(415, `Content-Type is ${JSON.stringify(type)}; send "application/json"`);
  }
}

function refuse(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  error: unknown,
  logger: Logger,
): void {
  const known = error instanceof BadReviewError;
  if (known) logger.warn({ status: error.status, reason: error.message }, 'refused a request');
  else if (!(error instanceof UndecidedError)) logger.error({ err: error }, 'admission request failed');
  if (response.headersSent || response.destroyed) return;
  if (known && error.status === 405) response.setHeader('allow', 'POST');
  // What is left of a body that was not read must not be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  const message = known ? error.message : 'everynode failed to answer; its log has the error';
  send(response, known ? error.status : 500, JSON.stringify({ error: message }));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
