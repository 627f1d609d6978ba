import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AdmissionPhase, reviewAdmission } from '../core/admission/review.ts';
import type { Logger } from '../telemetry/log.ts';
import { BadReviewError, decodeReview, encodeFailure, encodeVerdict } from './admission-review.ts';
import { readBody } from './read-body.ts';

export type HandlerOptions = { readonly logger: Logger; readonly maxBodyBytes: number };

/** Answers one admission request. Never throws, and always answers if the connection stands. */
export async function handleAdmission(
  phase: AdmissionPhase,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  options: HandlerOptions,
): Promise<void> {
  const { logger, maxBodyBytes } = options;
  try {
    assertPost(request);
    const body = await readBody(request, maxBodyBytes);
    send(response, 200, decide(phase, body, logger));
  } catch (error) {
    if (!(error instanceof BadReviewError)) logger.error({ err: error }, 'admission request failed');
    const status = error instanceof BadReviewError ? error.status : 500;
    const message = error instanceof BadReviewError ? error.message : 'internal error';
    if (status === 405) response.setHeader('allow', 'POST');
    // What is left of a body that was not read must not be taken for the next request.
    if (!request.complete) response.setHeader('connection', 'close');
    send(response, status, JSON.stringify({ error: message }));
  }
}

function decide(phase: AdmissionPhase, body: string, logger: Logger): string {
  const request = decodeReview(body);
  try {
    const verdict = reviewAdmission(phase, request);
    const { kind, operation, uid } = request;
    if (verdict.violations.length > 0) {
      logger.info(
        { kind: kind.kind, operation, uid, rules: verdict.violations.map(({ rule }) => rule) },
        'denied',
      );
    }
    return encodeVerdict(uid, verdict);
  } catch (error) {
    logger.error({ err: error, uid: request.uid }, 'could not decide about an admission request');
    return encodeFailure(request.uid);
  }
}

function assertPost({ method, headers }: IncomingMessage): void {
  if (method !== 'POST')
    throw new BadReviewError(405, `${method} is not possible here; POST an AdmissionReview`);
  const type = headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type)) {
    throw new BadReviewError(415, `Content-Type is ${JSON.stringify(type)}, and must be "application/json"`);
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
