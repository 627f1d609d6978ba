import type { AdmissionRequest, AdmissionResponse, DenialStatus } from '../api/admission.ts';
import { isJsonObject, type JsonObject, shown } from '../core/admission/untrusted.ts';
import type { Verdict, Violation } from '../core/admission/verdict.ts';

/** A request that is no AdmissionReview that we can answer. Becomes an HTTP status with one sentence. */
export class BadReviewError extends Error {
  override readonly name = 'BadReviewError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const API_VERSION = 'admission.k8s.io/v1';
/** The API server passes on 256 characters of a warning, and clients print it on one line. */
const WARNING_LENGTH = 120;
/** And what else a terminal would act upon. */
// oxlint-disable-next-line no-control-regex -- that is what they are
const LINE_BREAKS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * Reads an AdmissionReview v1.
 *
 * @throws BadReviewError which says what is wrong with the body.
 */
export function decodeReview(body: string): AdmissionRequest {
  if (body.trim() === '') throw bad('the body is empty; send an AdmissionReview as JSON');
  const review = parse(body);
  if (!isJsonObject(review)) throw bad('the body is not a JSON object; send an AdmissionReview');
  const { kind, apiVersion, request } = review;
  if (kind !== 'AdmissionReview') throw bad(`kind is ${named(kind)}; send an "AdmissionReview"`);
  if (apiVersion !== API_VERSION) {
    throw bad(`apiVersion is ${named(apiVersion)}; send "${API_VERSION}" (admissionReviewVersions: ["v1"])`);
  }
  if (!isJsonObject(request)) throw bad('request is missing, so the AdmissionReview asks nothing');
  const { uid, operation, kind: gvk } = request;
  if (typeof uid !== 'string' || uid === '') throw bad('request.uid is missing; the answer must repeat it');
  if (typeof operation !== 'string')
    throw bad('request.operation is missing; it says what is about to happen');
  if (!isJsonObject(gvk) || typeof gvk['kind'] !== 'string') {
    throw bad('request.kind is missing; it says what the object is');
  }
  return {
    uid,
    operation,
    kind: { group: text(gvk, 'group'), version: text(gvk, 'version'), kind: gvk['kind'] },
    subResource: text(request, 'subResource'),
    namespace: text(request, 'namespace'),
    name: text(request, 'name'),
    dryRun: request['dryRun'] === true,
    username: isJsonObject(request['userInfo']) ? text(request['userInfo'], 'username') : '',
    object: request['object'],
    oldObject: request['oldObject'],
    options: request['options'],
  };
}

/** The answer that the API server reads. An empty patch is left out. */
export function encodeVerdict(request: AdmissionRequest, verdict: Verdict): string {
  const patch = verdict.allowed ? verdict.patch : [];
  const warnings = warningsOf(verdict.violations);
  const auditAnnotations = annotationsOf(verdict);
  return encode({
    uid: request.uid,
    allowed: verdict.allowed,
    ...(!verdict.allowed && { status: denial(request, verdict.violations) }),
    ...(patch.length > 0 && {
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    }),
    ...(warnings.length > 0 && { warnings }),
    ...(auditAnnotations && { auditAnnotations }),
  });
}

const PATCHED = { patched: 'true' } as const;

/** Which rules spoke, for the audit log: `denied-by: selector-immutable`, `warned-by: …`, `patched: true`. */
function annotationsOf(verdict: Verdict): Readonly<Record<string, string>> | undefined {
  if (verdict.allowed && verdict.violations.length === 0) {
    return verdict.patch.length > 0 ? PATCHED : undefined;
  }
  const rules = (level: Violation['level']): string =>
    [...new Set(verdict.violations.filter((each) => each.level === level).map(({ rule }) => rule))].join(',');
  const entries = [
    ['denied-by', rules('deny')],
    ['warned-by', rules('warn')],
    ['patched', verdict.allowed && verdict.patch.length > 0 ? 'true' : ''],
  ].filter(([, value]) => value !== '');
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Record<string, string>);
}

function encode(response: AdmissionResponse): string {
  return JSON.stringify({ apiVersion: API_VERSION, kind: 'AdmissionReview', response });
}

function denial({ kind, name }: AdmissionRequest, violations: readonly Violation[]): DenialStatus {
  const denials = violations.filter(({ level }) => level === 'deny');
  return {
    status: 'Failure',
    code: 422,
    reason: 'Invalid',
    message: denials.map(sentence).join('; '),
    details: {
      group: kind.group,
      kind: kind.kind,
      name,
      // kubectl prints the causes of an invalid object in place of the message: the rule's id belongs there too.
      causes: denials.map(({ rule, path, message }) => ({
        reason: 'FieldValueInvalid',
        message: `${message} [${rule}]`,
        field: path,
      })),
    },
  };
}

function warningsOf(violations: readonly Violation[]): readonly string[] {
  if (violations.length === 0) return [];
  const sentences = violations.filter(({ level }) => level === 'warn').map(brief);
  return [...new Set(sentences.map((line) => shorten(line, WARNING_LENGTH)))];
}

function sentence({ rule, path, message }: Violation): string {
  return `[${rule}] ${path}: ${message}`;
}

function brief({ rule, path, message, brief: short = message }: Violation): string {
  return `[${rule}] ${path}: ${short}`;
}

function shorten(line: string, length: number): string {
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    // V8 quotes the input; what it says is cut to what a log line bears.
    const said = error instanceof Error ? error.message : String(error);
    throw bad(`the body is not JSON: ${shorten(said.replace(LINE_BREAKS, ' '), 200)}`);
  }
}

function bad(message: string): BadReviewError {
  return new BadReviewError(400, message);
}

function named(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? shown(value) : `of type ${value === null ? 'null' : typeof value}`;
}

function text(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}
