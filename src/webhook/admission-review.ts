import type { AdmissionRequest, Verdict, Violation } from '../api/admission.ts';

/** A request that is no AdmissionReview that we can answer. Becomes an HTTP status with one sentence. */
export class BadReviewError extends Error {
  override readonly name = 'BadReviewError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const ADMISSION_API_VERSION = 'admission.k8s.io/v1';

/**
 * Reads an AdmissionReview v1.
 *
 * @throws BadReviewError which says what is wrong with the body.
 */
export function decodeReview(body: string): AdmissionRequest {
  if (body.trim() === '') throw bad('the body is empty; send an AdmissionReview');
  const review = parse(body);
  if (!isObject(review)) throw bad('the body is not a JSON object; send an AdmissionReview');
  if (review.kind !== 'AdmissionReview') {
    throw bad(`kind is ${JSON.stringify(review.kind)}, and must be "AdmissionReview"`);
  }
  if (review.apiVersion !== ADMISSION_API_VERSION) {
    throw bad(`apiVersion is ${JSON.stringify(review.apiVersion)}, and must be "${ADMISSION_API_VERSION}"`);
  }
  const { request } = review;
  if (!isObject(request)) throw bad('request is missing; an AdmissionReview without one asks nothing');
  const { uid, operation, kind, subResource } = request;
  if (typeof uid !== 'string' || uid === '') throw bad('request.uid is missing');
  if (typeof operation !== 'string') throw bad('request.operation is missing');
  if (!isObject(kind) || typeof kind.kind !== 'string') throw bad('request.kind is missing');
  return {
    uid,
    operation,
    kind: { group: String(kind.group ?? ''), version: String(kind.version ?? ''), kind: kind.kind },
    ...(typeof subResource === 'string' && { subResource }),
    object: request.object,
    oldObject: request.oldObject,
  };
}

/** The answer that the API server reads. */
export function encodeVerdict(uid: string, { patch, violations }: Verdict): string {
  const denials = violations.filter(({ level }) => level === 'deny');
  const warnings = violations.filter(({ level }) => level === 'warn').map(sentence);
  return encode({
    uid,
    allowed: denials.length === 0,
    ...(denials.length > 0 && { status: denied(denials) }),
    ...(denials.length === 0 &&
      patch.length > 0 && {
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      }),
    ...(warnings.length > 0 && { warnings: [...new Set(warnings)] }),
  });
}

/** The answer when deciding went wrong on our side. */
export function encodeFailure(uid: string): string {
  const message = 'everynode failed to decide about this request; its log says why';
  return encode({ uid, allowed: false, status: { code: 500, reason: 'InternalError', message } });
}

function encode(response: object): string {
  return JSON.stringify({ apiVersion: ADMISSION_API_VERSION, kind: 'AdmissionReview', response });
}

function denied(denials: readonly Violation[]): object {
  return {
    code: 422,
    reason: 'Invalid',
    message: denials.map(sentence).join('; '),
    details: {
      causes: denials.map(({ path, message }) => ({ reason: 'FieldValueInvalid', field: path, message })),
    },
  };
}

function sentence({ rule, path, message }: Violation): string {
  return `${path}: ${message} [${rule}]`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw bad(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function bad(message: string): BadReviewError {
  return new BadReviewError(400, message);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
